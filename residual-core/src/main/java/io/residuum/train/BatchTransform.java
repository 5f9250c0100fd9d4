package io.residuum.train;

import io.residuum.spec.Doc;

/**
 * A random change of a batch that mixes its samples and their targets. Open like {@link Transform}.
 */
@Doc("A way to mix the samples of a batch and their targets")
public interface BatchTransform {}
