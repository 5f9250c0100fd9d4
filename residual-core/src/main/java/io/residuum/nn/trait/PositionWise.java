package io.residuum.nn.trait;

/** A layer whose output at a position of a sequence depends on the input at that position alone. */
public interface PositionWise {}
