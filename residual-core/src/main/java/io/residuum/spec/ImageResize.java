package io.residuum.spec;

/**
 * The resizing of pictures to the shape of a network's input in evaluation: resizes, then crops the
 * centre.
 *
 * @param crop the side of the crop divided by the side of the resized picture, in (0, 1]. Default:
 *     0.875
 * @param filter the filter; if the picture shrinks, its window widens by the same factor. Default:
 *     bilinear
 * @param squash true to resize both sides, which changes the aspect ratio; false to resize the
 *     shorter side. Default: false
 */
public record ImageResize(
        @Default("0.875") double crop,
        @Default("\"bilinear\"") Filter filter,
        @Default("false") boolean squash) {

    /** The filters, as in Pillow. */
    public enum Filter {
        /** The nearest pixel, also if the picture shrinks. */
        NEAREST,
        /** A triangle of radius 1. */
        BILINEAR,
        /** A cubic of radius 2 with the parameter -0.5. */
        BICUBIC,
        /** A windowed sinc of radius 3. */
        LANCZOS
    }

    public ImageResize {
        Check.that(crop > 0 && crop <= 1, "crop must be in (0, 1], got %s", crop);
    }
}
