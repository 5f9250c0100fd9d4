package io.residuum.draw;

import com.google.common.collect.ObjectArrays;
import java.util.stream.DoubleStream;

/**
 * Values to draw in a chart.
 *
 * @param name the name in the legend and in tooltips; empty to be in neither
 * @param form the way to draw them
 * @param css the classes of its elements
 * @param line the attributes of its line or area
 * @param dot the attributes of its dots
 * @param x the horizontal values
 * @param y the vertical values, the lower ones of a band
 * @param top the upper values of a band; else empty
 */
record Series(
        String name,
        Form form,
        String css,
        String[] line,
        String[] dot,
        double[] x,
        double[] y,
        double[] top) {

    /** The ways to draw values. */
    enum Form {
        LINE,
        POINTS,
        BAND
    }

    DoubleStream values() {
        return DoubleStream.concat(DoubleStream.of(y), DoubleStream.of(top));
    }

    boolean isListed() {
        return !name.isEmpty();
    }

    void draw(Markup svg, String path) {
        String classes = ((form == Form.BAND ? "band " : "curve ") + css).strip();
        svg.empty("path", with(line, "class", classes, "d", path));
    }

    void dot(Markup svg, double x, double y, double radius) {
        String classes = ("dot " + css).strip();
        svg.empty(
                "circle",
                with(dot, "class", classes, "cx", Svg.n(x), "cy", Svg.n(y), "r", Svg.n(radius)));
    }

    private static String[] with(String[] style, String... attributes) {
        return ObjectArrays.concat(attributes, style, String.class);
    }
}
