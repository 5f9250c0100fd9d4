package io.residuum.picture;

import io.residuum.draw.Markup;
import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.PathIterator;
import java.awt.geom.RoundRectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes pictures as SVG. */
final class SvgFormat {
    private static final String FONTS = "Liberation Sans, Arial, Helvetica, sans-serif";

    private final Markup svg = new Markup();

    private SvgFormat() {}

    static String of(Picture picture) {
        return new SvgFormat().write(picture);
    }

    private String write(Picture picture) {
        String width = n(picture.width());
        String height = n(picture.height());
        svg.open(
                "svg",
                "xmlns",
                "http://www.w3.org/2000/svg",
                "width",
                width,
                "height",
                height,
                "viewBox",
                "0 0 " + width + " " + height,
                "role",
                "img",
                "aria-label",
                picture.title(),
                "font-family",
                FONTS);
        for (Mark mark : picture.marks()) {
            if (mark instanceof Mark.Text text) {
                text(text);
            } else {
                figure((Mark.Figure) mark);
            }
        }
        return svg.close().toString();
    }

    private void text(Mark.Text text) {
        List<String> attributes = new ArrayList<>(List.of("x", n(text.x()), "y", n(text.y())));
        attributes.addAll(List.of("font-size", n(text.size()), "fill", hex(text.color())));
        if (text.face() == Face.BOLD) {
            attributes.addAll(List.of("font-weight", "bold"));
        }
        // Keeps the text inside its box if a viewer has only wider fonts.
        attributes.addAll(
                List.of("textLength", n(text.width()), "lengthAdjust", "spacingAndGlyphs"));
        svg.leaf("text", text.text(), attributes.toArray(String[]::new));
    }

    private void figure(Mark.Figure figure) {
        List<String> attributes = new ArrayList<>();
        Shape shape = figure.shape();
        String tag = "path";
        if (shape instanceof RoundRectangle2D rect) {
            tag = "rect";
            attributes.addAll(List.of("x", n(rect.getX()), "y", n(rect.getY())));
            attributes.addAll(List.of("width", n(rect.getWidth()), "height", n(rect.getHeight())));
            attributes.addAll(List.of("rx", n(rect.getArcWidth() / 2)));
        } else {
            attributes.addAll(List.of("d", path(shape)));
        }
        attributes.addAll(List.of("fill", hex(figure.fill())));
        if (figure.stroke() != null) {
            attributes.addAll(List.of("stroke", hex(figure.stroke())));
            attributes.addAll(List.of("stroke-width", n(figure.width())));
        }
        if (figure.dashed()) {
            attributes.addAll(List.of("stroke-dasharray", "4 3"));
        }
        svg.empty(tag, attributes.toArray(String[]::new));
    }

    private static String path(Shape shape) {
        StringBuilder d = new StringBuilder();
        double[] c = new double[6];
        for (PathIterator at = shape.getPathIterator(new AffineTransform());
                !at.isDone();
                at.next()) {
            switch (at.currentSegment(c)) {
                case PathIterator.SEG_MOVETO -> d.append('M').append(points(c, 1));
                case PathIterator.SEG_LINETO -> d.append('L').append(points(c, 1));
                case PathIterator.SEG_QUADTO -> d.append('Q').append(points(c, 2));
                case PathIterator.SEG_CUBICTO -> d.append('C').append(points(c, 3));
                default -> d.append('Z');
            }
        }
        return d.toString();
    }

    private static String points(double[] coordinates, int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 2 * count; i++) {
            text.append(i == 0 ? "" : " ").append(n(coordinates[i]));
        }
        return text.toString();
    }

    private static String hex(@Nullable Color color) {
        return color == null ? "none" : String.format("#%06x", color.getRGB() & 0xffffff);
    }

    private static String n(double value) {
        String text = String.format(Locale.ROOT, "%.1f", value);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }
}
