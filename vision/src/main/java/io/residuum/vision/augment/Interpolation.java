package io.residuum.vision.augment;

/** A way to compute a pixel between pixels, as Pillow does. */
public enum Interpolation {
    /** The nearest pixel. */
    NEAREST,
    /** A linear function of the four nearest pixels. */
    BILINEAR,
    /** A cubic function of the sixteen nearest pixels. */
    BICUBIC
}
