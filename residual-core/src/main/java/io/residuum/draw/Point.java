package io.residuum.draw;

/** A point of a drawing; y grows downwards. */
record Point(double x, double y) {}
