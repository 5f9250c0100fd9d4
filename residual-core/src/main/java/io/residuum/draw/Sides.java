package io.residuum.draw;

import java.util.ArrayList;
import java.util.List;

/** How far a column and what was placed beside it extend to both sides, by height. */
final class Sides {

    private record Extent(double top, double bottom, double left, double right) {}

    private final List<Extent> extents = new ArrayList<>();

    void add(double top, double bottom, double left, double right) {
        extents.add(new Extent(top, bottom, left, right));
    }

    /**
     * Takes room on the left, beside all that is there already.
     *
     * @return the left edge of it
     */
    double left(double top, double bottom, double gap, double width) {
        double x = 0;
        for (Extent e : extents) {
            if (e.top < bottom && e.bottom > top) {
                x = Math.min(x, e.left);
            }
        }
        double edge = x - gap - width;
        add(top, bottom, edge, edge);
        return edge;
    }

    /**
     * Takes room on the right.
     *
     * @return the right edge of it
     */
    double right(double top, double bottom, double gap) {
        double x = 0;
        for (Extent e : extents) {
            if (e.top < bottom && e.bottom > top) {
                x = Math.max(x, e.right);
            }
        }
        double edge = x + gap;
        add(top, bottom, edge, edge);
        return edge;
    }
}
