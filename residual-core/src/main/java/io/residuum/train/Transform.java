package io.residuum.train;

import io.residuum.spec.Doc;

/**
 * A random change of one training sample, as a plain record that a {@link Recipe} can hold.
 *
 * <p>Open: each kind of samples has its own transforms and knows how to apply them. A {@link
 * io.residuum.spec.RecordProvider} registers them for JSON. A {@link Task} refuses transforms of
 * another kind of samples.
 */
@Doc("A random change of one training sample")
public interface Transform {}
