package io.residuum.vision.detect;

/**
 * An object that a network found.
 *
 * @param label its class
 * @param score the probability of the class, in [0, 1]
 * @param box its rectangle, in pixels of the image
 */
public record Detection(int label, double score, BoundingBox box) {}
