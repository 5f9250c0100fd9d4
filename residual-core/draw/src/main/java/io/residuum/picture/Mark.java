package io.residuum.picture;

import java.awt.Color;
import java.awt.Shape;
import org.jspecify.annotations.Nullable;

/** A part of a picture, in points with y down. */
sealed interface Mark {

    /**
     * A shape.
     *
     * @param shape a {@link java.awt.geom.RoundRectangle2D} or a path
     * @param fill the colour inside, or null
     * @param stroke the colour of the line, or null
     * @param width the width of the line
     * @param dashed true for a dashed line
     */
    record Figure(
            Shape shape, @Nullable Color fill, @Nullable Color stroke, double width, boolean dashed)
            implements Mark {}

    /**
     * A line of text.
     *
     * @param text the text
     * @param x the left end
     * @param y the baseline
     * @param face the font
     * @param size the font size
     * @param color the colour
     */
    record Text(String text, double x, double y, Face face, double size, Color color)
            implements Mark {
        double width() {
            return face.width(text, size);
        }
    }
}
