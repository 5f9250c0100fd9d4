package io.residuum.picture;

import io.residuum.draw.Box;
import io.residuum.draw.Diagram;
import io.residuum.draw.Group;
import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.Path2D;
import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.awt.geom.RoundRectangle2D;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Paints a diagram whose parts have their places. */
final class Painter {
    private static final double MARGIN = 16;
    private static final double HEADER = 58;

    /** The height of header and legend, roughly. */
    static final double AROUND = 105;

    private static final double NAME = 16;
    private static final double SUBTITLE = 11;
    private static final double LINE = 1;
    private static final double ROUND = 5;
    private static final double CORNER = 6;
    private static final double HEAD = 6;

    private final List<Mark> marks = new ArrayList<>();

    private Painter() {}

    static Picture paint(Diagram diagram, Arrangement at, String title, String subtitle) {
        double headline =
                Math.max(Face.BOLD.width(title, NAME), Face.REGULAR.width(subtitle, SUBTITLE));
        double inside = Math.max(at.width(), Math.max(headline, Legend.LEAST_WIDTH));
        Legend legend = new Legend(diagram, inside);
        double width = inside + 2 * MARGIN;
        double height = HEADER + at.height() + MARGIN + legend.height() + MARGIN;
        Painter painter = new Painter();
        painter.figure(rectangle(0, 0, width, height, 0), Palette.PAPER, null, 0);
        painter.marks.add(new Mark.Text(title, MARGIN, 27, Face.BOLD, NAME, Palette.INK));
        painter.marks.add(
                new Mark.Text(subtitle, MARGIN, 44, Face.REGULAR, SUBTITLE, Palette.GRAY));
        painter.paint(at.movedBy(MARGIN + (inside - at.width()) / 2, HEADER));
        painter.marks.addAll(legend.marks(MARGIN, HEADER + at.height() + MARGIN));
        return new Picture(title, width, height, painter.marks);
    }

    private void paint(Arrangement arrangement) {
        for (PlacedElement place : arrangement.places()) {
            if (place.element() instanceof Group group) {
                group(group, place.at(), arrangement.wires());
            }
        }
        List<Wire> flow = arrangement.wires().stream().filter(w -> !w.shortcut()).toList();
        flow.forEach(this::wire);
        arrangement.wires().stream()
                .filter(Wire::shortcut)
                .map(wire -> wire.afterForkFrom(flow))
                .forEach(this::wire);
        for (PlacedElement place : arrangement.places()) {
            if (place.element() instanceof Box box) {
                box(box, place.at());
            }
        }
    }

    private void group(Group group, Rectangle2D at, List<Wire> wires) {
        double cards = Metrics.cards(group);
        for (double by = cards; by >= 0; by -= Metrics.CARD) {
            figure(
                    rectangle(
                            at.getX() + by,
                            at.getY() + by,
                            at.getWidth() - cards,
                            at.getHeight() - cards,
                            ROUND + 2),
                    Palette.FRAME_FILL,
                    Palette.FRAME,
                    LINE);
        }
        double width = Metrics.width(group) - 2 * Metrics.FRAME_SIDE - Metrics.cards(group);
        double x = titleStart(at, width, wires);
        double y = at.getY() + 13.5;
        text(group.title(), x, y, Face.BOLD, Metrics.TEXT, Palette.GRAY);
        if (group.times() > 1) {
            String times = Metrics.times(group);
            double after = x + width - Face.BOLD.width(times, Metrics.TEXT);
            text(times, after, y, Face.BOLD, Metrics.TEXT, Palette.INK);
        }
    }

    /** Returns the left end of a title that no wire crosses, if there is room for one. */
    private static double titleStart(Rectangle2D at, double width, List<Wire> wires) {
        double left = at.getX() + Metrics.FRAME_SIDE;
        double right = at.getMaxX() - Metrics.FRAME_SIDE - width;
        for (double x = left; x <= right; x += 4) {
            Rectangle2D title =
                    new Rectangle2D.Double(x - 3, at.getY() + 3, width + 6, Metrics.FRAME_TOP - 5);
            if (wires.stream().noneMatch(wire -> wire.crosses(title))) {
                return x;
            }
        }
        return left;
    }

    private void box(Box box, Rectangle2D at) {
        boolean pill =
                switch (box.kind()) {
                    case INPUT, OUTPUT, MERGE -> true;
                    default -> false;
                };
        double round = pill ? Math.min(14, at.getHeight() / 2) : ROUND;
        marks.add(
                new Mark.Figure(
                        rectangle(at.getX(), at.getY(), at.getWidth(), at.getHeight(), round),
                        Palette.fill(box.kind()),
                        Palette.line(box.kind()),
                        LINE,
                        box.kind() == Box.Kind.SHORTCUT));
        double y = at.getY() + 14.5;
        centered(box.title(), at, y, Face.BOLD, Metrics.TITLE, Palette.INK);
        for (String line : Metrics.lines(box)) {
            y += Metrics.LINE;
            centered(line, at, y, Face.REGULAR, Metrics.TEXT, Palette.INK);
        }
    }

    private void wire(Wire wire) {
        Color color = wire.shortcut() ? Palette.SHORTCUT : Palette.GRAY;
        double width = wire.shortcut() ? 1.5 : 1.1;
        List<Point2D> points = wire.points();
        Point2D end = points.get(points.size() - 1);
        Point2D before = points.get(points.size() - 2);
        figure(path(points, wire.arrow() ? HEAD / 2 : 0), null, color, width);
        if (wire.arrow()) {
            figure(head(before, end), color, null, 0);
        }
        for (Point2D fork : wire.forks()) {
            figure(rectangle(fork.getX() - 2, fork.getY() - 2, 4, 4, 2), color, null, 0);
        }
        for (Wire.Caption caption : wire.captions()) {
            Rectangle2D at = caption.at();
            if (wire.crosses(at)) {
                figure(
                        rectangle(at.getX(), at.getY(), at.getWidth(), at.getHeight(), 0),
                        Palette.PAPER,
                        null,
                        0);
            }
            double y = at.getMaxY() - 2.5;
            text(caption.text(), at.getX() + 1, y, Face.REGULAR, Metrics.CAPTION, color);
        }
    }

    /** Returns lines with round corners that end a little before the last point. */
    private Path2D path(List<Point2D> points, double shorter) {
        Path2D path = new Path2D.Double();
        path.moveTo(points.get(0).getX(), points.get(0).getY());
        int last = points.size() - 1;
        for (int i = 1; i < last; i++) {
            Point2D here = points.get(i);
            Point2D before = points.get(i - 1);
            Point2D after = points.get(i + 1);
            double radius =
                    Math.min(CORNER, Math.min(here.distance(before), here.distance(after)) / 2);
            Point2D from = towards(here, before, radius);
            Point2D to = towards(here, after, radius);
            path.lineTo(from.getX(), from.getY());
            path.quadTo(here.getX(), here.getY(), to.getX(), to.getY());
        }
        Point2D end = towards(points.get(last), points.get(last - 1), shorter);
        path.lineTo(end.getX(), end.getY());
        return path;
    }

    private static Path2D head(Point2D before, Point2D end) {
        Point2D base = towards(end, before, HEAD);
        double x = (end.getY() - base.getY()) * 0.45;
        double y = (base.getX() - end.getX()) * 0.45;
        Path2D head = new Path2D.Double();
        head.moveTo(end.getX(), end.getY());
        head.lineTo(base.getX() + x, base.getY() + y);
        head.lineTo(base.getX() - x, base.getY() - y);
        head.closePath();
        return head;
    }

    private static Point2D towards(Point2D from, Point2D to, double by) {
        double all = from.distance(to);
        double share = all == 0 ? 0 : by / all;
        return new Point2D.Double(
                from.getX() + share * (to.getX() - from.getX()),
                from.getY() + share * (to.getY() - from.getY()));
    }

    static RoundRectangle2D rectangle(
            double x, double y, double width, double height, double round) {
        return new RoundRectangle2D.Double(x, y, width, height, 2 * round, 2 * round);
    }

    private void figure(Shape shape, @Nullable Color fill, @Nullable Color stroke, double width) {
        marks.add(new Mark.Figure(shape, fill, stroke, width, false));
    }

    private void centered(
            String text, Rectangle2D at, double y, Face face, double size, Color color) {
        text(text, at.getCenterX() - face.width(text, size) / 2, y, face, size, color);
    }

    private void text(String text, double x, double y, Face face, double size, Color color) {
        marks.add(new Mark.Text(text, x, y, face, size, color));
    }
}
