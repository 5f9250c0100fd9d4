package io.residuum.picture;

import io.residuum.draw.Box;
import io.residuum.draw.Diagram;
import java.awt.Color;
import java.awt.geom.Line2D;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The colours of a picture and what they stand for, in lines of a given width. */
final class Legend {
    static final double LEAST_WIDTH = 260;

    private static final double LINE = 18;
    private static final double SWATCH = 11;
    private static final double GAP = 16;

    private final List<Box.Kind> kinds;
    private final boolean shortcuts;
    private final double width;
    private final double height;

    Legend(Diagram diagram, double width) {
        this.width = width;
        TreeSet<Box.Kind> found =
                diagram.boxes().stream()
                        .map(Box::kind)
                        .collect(Collectors.toCollection(TreeSet::new));
        // Their names say what they are, and shortcuts and merges share a colour.
        found.removeAll(List.of(Box.Kind.INPUT, Box.Kind.OUTPUT));
        shortcuts = found.remove(Box.Kind.SHORTCUT) | found.remove(Box.Kind.MERGE);
        kinds = List.copyOf(found);
        height = draw(0, 0, new ArrayList<>());
    }

    double height() {
        return height;
    }

    List<Mark> marks(double x, double y) {
        List<Mark> marks = new ArrayList<>();
        draw(x, y, marks);
        return marks;
    }

    /** Adds the marks and returns their height. */
    private double draw(double x, double y, List<Mark> marks) {
        double at = x;
        double top = y;
        for (Box.Kind kind : kinds) {
            if (at > x && at + width(kind.label()) > x + width) {
                at = x;
                top += LINE;
            }
            marks.add(
                    new Mark.Figure(
                            Painter.rectangle(at, top, SWATCH, SWATCH, 2.5),
                            Palette.fill(kind),
                            Palette.line(kind),
                            1,
                            false));
            marks.add(text(kind.label(), at, top));
            at += width(kind.label()) + GAP;
        }
        if (shortcuts) {
            String label = "shortcut and merge";
            if (at > x && at + width(label) > x + width) {
                at = x;
                top += LINE;
            }
            Color color = Palette.SHORTCUT;
            double middle = top + SWATCH / 2;
            marks.add(
                    new Mark.Figure(
                            new Line2D.Double(at, middle, at + SWATCH, middle),
                            null,
                            color,
                            1.5,
                            false));
            marks.add(text(label, at, top));
        }
        return top + SWATCH - y;
    }

    private static double width(String label) {
        return SWATCH + 5 + Face.REGULAR.width(label, Metrics.TEXT);
    }

    private static Mark text(String label, double x, double y) {
        return new Mark.Text(
                label, x + SWATCH + 5, y + 9.3, Face.REGULAR, Metrics.TEXT, Palette.INK);
    }
}
