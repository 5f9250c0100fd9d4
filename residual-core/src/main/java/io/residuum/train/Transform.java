package io.residuum.train;

/**
 * A random change of one training sample, as a plain record that a {@link Recipe} can hold.
 *
 * <p>This type is open: each kind of sample has its own transforms and code to apply them. A {@link
 * io.residuum.spec.RecordProvider} registers them for JSON. A {@link Task} rejects transforms of
 * another kind of sample.
 */
public interface Transform {}
