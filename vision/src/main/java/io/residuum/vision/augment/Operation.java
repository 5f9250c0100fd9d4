package io.residuum.vision.augment;

import org.jspecify.annotations.Nullable;

/** An operation of augmentation policies, by the name that torchvision and timm give it. */
enum Operation {
    IDENTITY(Strength.NONE),
    SHEAR_X(Strength.SIGNED),
    SHEAR_Y(Strength.SIGNED),
    /** Reads pixels from so many columns further right. */
    TRANSLATE_X(Strength.SIGNED),
    /** Reads pixels from so many rows further down. */
    TRANSLATE_Y(Strength.SIGNED),
    /** Rotates counter-clockwise by degrees. */
    ROTATE(Strength.SIGNED),
    BRIGHTNESS(Strength.SIGNED),
    COLOR(Strength.SIGNED),
    CONTRAST(Strength.SIGNED),
    SHARPNESS(Strength.SIGNED),
    /** Keeps so many bits. */
    POSTERIZE(Strength.PLAIN),
    /** Inverts values from a threshold on. */
    SOLARIZE(Strength.PLAIN),
    /** Adds to values below 128. */
    SOLARIZE_ADD(Strength.PLAIN),
    AUTO_CONTRAST(Strength.NONE),
    EQUALIZE(Strength.NONE),
    INVERT(Strength.NONE);

    /** The kind of argument that an operation has. */
    enum Strength {
        NONE,
        PLAIN,
        SIGNED
    }

    final Strength strength;

    Operation(Strength strength) {
        this.strength = strength;
    }

    boolean movesPixels() {
        return ordinal() >= SHEAR_X.ordinal() && ordinal() <= ROTATE.ordinal();
    }

    /**
     * Changes pixels in place.
     *
     * @param argument the strength in the unit of the operation
     * @param fill the value of pixels from outside: one for all channels, or one for each
     */
    void apply(Pixels pixels, double argument, Interpolation interpolation, int... fill) {
        int height = pixels.shape().height();
        int width = pixels.shape().width();
        @Nullable Affine affine =
                switch (this) {
                    case SHEAR_X -> new Affine(height, width, 1, argument, 0, 0, 1, 0);
                    case SHEAR_Y -> new Affine(height, width, 1, 0, 0, argument, 1, 0);
                    case TRANSLATE_X -> new Affine(height, width, 1, 0, argument, 0, 1, 0);
                    case TRANSLATE_Y -> new Affine(height, width, 1, 0, 0, 0, 1, argument);
                    case ROTATE -> Affine.rotation(height, width, argument);
                    default -> null;
                };
        if (affine != null) {
            pixels.transform(affine, interpolation, fill);
            return;
        }
        switch (this) {
            case BRIGHTNESS -> pixels.brightness(argument);
            case COLOR -> pixels.color(argument);
            case CONTRAST -> pixels.contrast(argument);
            case SHARPNESS -> pixels.sharpness(argument);
            case POSTERIZE -> pixels.map(v -> v & -(1 << (8 - (int) argument)));
            case SOLARIZE -> pixels.map(v -> v < argument ? v : 255 - v);
            case SOLARIZE_ADD -> pixels.map(v -> v < 128 ? Math.min(255, v + (int) argument) : v);
            case AUTO_CONTRAST -> pixels.autoContrast();
            case EQUALIZE -> pixels.equalize();
            case INVERT -> pixels.map(v -> 255 - v);
            default -> {}
        }
    }
}
