package io.residuum.picture;

import java.awt.geom.Line2D;
import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;

/**
 * A part of an arrow: from a box or the border of a group to the next.
 *
 * @param points the start, the bends and the end
 * @param forks the points where wires of the same value part
 * @param shortcut true if only shortcuts use it
 * @param arrow true if it ends at a box
 * @param captions the texts beside it
 */
record Wire(
        List<Point2D> points,
        List<Point2D> forks,
        boolean shortcut,
        boolean arrow,
        List<Caption> captions) {

    /**
     * A text beside a wire.
     *
     * @param text the text
     * @param at the rectangle that is kept free for it
     */
    record Caption(String text, Rectangle2D at) {
        private Caption movedBy(double x, double y) {
            return new Caption(text, PlacedElement.moved(at, x, y));
        }
    }

    /** Returns true if a line of the wire touches a rectangle. */
    boolean crosses(Rectangle2D at) {
        for (int i = 1; i < points.size(); i++) {
            if (at.intersectsLine(new Line2D.Double(points.get(i - 1), points.get(i)))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns the part after the last fork on another wire. Up to there both are one line.
     *
     * @param others the wires of the flow
     */
    Wire afterForkFrom(List<Wire> others) {
        for (int i = points.size() - 1; i > 0; i--) {
            Line2D line = new Line2D.Double(points.get(i - 1), points.get(i));
            for (Point2D fork : forks) {
                if (line.ptSegDist(fork) < 0.5 && others.stream().anyMatch(w -> w.touches(fork))) {
                    List<Point2D> rest = new ArrayList<>(List.of(fork));
                    rest.addAll(points.subList(i, points.size()));
                    return new Wire(rest, forks, shortcut, arrow, captions);
                }
            }
        }
        return this;
    }

    private boolean touches(Point2D point) {
        return crosses(new Rectangle2D.Double(point.getX() - 0.5, point.getY() - 0.5, 1, 1));
    }

    Wire movedBy(double x, double y) {
        return new Wire(
                moved(points, x, y),
                moved(forks, x, y),
                shortcut,
                arrow,
                captions.stream().map(caption -> caption.movedBy(x, y)).toList());
    }

    private static List<Point2D> moved(List<Point2D> points, double x, double y) {
        return points.stream()
                .<Point2D>map(p -> new Point2D.Double(p.getX() + x, p.getY() + y))
                .toList();
    }
}
