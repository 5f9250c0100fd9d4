package io.residuum.spec;

import java.util.List;

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
 * @param border the colour that fills the shape around pictures whose longer side is resized, so
 *     that nothing is cropped with {@code crop} 1; one value in [0, 1] for each channel, as timm's
 *     mean. Default: empty, for no border
 */
public record ImageResize(
        @Default("0.875") double crop,
        @Default("\"bilinear\"") Filter filter,
        @Default("false") boolean squash,
        @Default("[]") List<Double> border) {

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
        border = List.copyOf(border);
        border.forEach(v -> Check.that(v >= 0 && v <= 1, "border must be in [0, 1], got %s", v));
        Check.that(border.isEmpty() || !squash, "border must be empty with squash, got %s", border);
    }

    /**
     * Creates a resizing without a border.
     *
     * @param crop the side of the crop divided by the side of the resized picture
     * @param filter the filter
     * @param squash true to resize both sides, false to resize the shorter side
     */
    public ImageResize(double crop, Filter filter, boolean squash) {
        this(crop, filter, squash, List.of());
    }
}
