package io.residuum.draw;

import java.util.ArrayList;
import java.util.List;

/** The horizontal extent of a column and of everything placed beside it, by height. */
final class SideExtents {

    private record Extent(double top, double bottom, double left, double right) {}

    private final List<Extent> extents = new ArrayList<>();

    void add(double top, double bottom, double left, double right) {
        extents.add(new Extent(top, bottom, left, right));
    }

    /**
     * Reserves space on the left, outside everything placed so far.
     *
     * @return the left edge of the space
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
     * Reserves space on the right, outside everything placed so far.
     *
     * @return the right edge of the space
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
