package io.residuum.nn.trait;

/**
 * A layer that repeats its operations for each position. A graph holds them for one length of the
 * sequences.
 */
public interface Unrolled {}
