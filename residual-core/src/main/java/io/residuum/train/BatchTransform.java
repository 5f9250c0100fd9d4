package io.residuum.train;

/**
 * A random change of a batch that mixes its samples and their targets. Open like {@link Transform}.
 */
public interface BatchTransform {}
