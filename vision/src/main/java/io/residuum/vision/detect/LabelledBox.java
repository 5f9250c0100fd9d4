package io.residuum.vision.detect;

/**
 * An object in an image.
 *
 * @param label its class
 * @param box its rectangle
 * @param ignored true for a crowd or a difficult object, which need not be found
 */
public record LabelledBox(int label, BoundingBox box, boolean ignored) {}
