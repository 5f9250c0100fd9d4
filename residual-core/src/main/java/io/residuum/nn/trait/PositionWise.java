package io.residuum.nn.trait;

/**
 * A layer whose output at each position of a sequence depends only on the input at that position.
 */
public interface PositionWise {}
