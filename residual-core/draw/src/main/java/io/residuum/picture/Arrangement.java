package io.residuum.picture;

import io.residuum.draw.Diagram;
import java.util.List;
import org.eclipse.elk.core.options.Direction;

/**
 * The places of all parts of a diagram, from (0, 0).
 *
 * @param width the width of all
 * @param height the height of all
 * @param places boxes and groups, a group before what it holds
 * @param wires the parts of arrows
 */
record Arrangement(double width, double height, List<PlacedElement> places, List<Wire> wires) {
    /** A4 without margins, in points. */
    private static final double SHORT_SIDE = 525;

    private static final double LONG_SIDE = 770;

    /** Larger diagrams fit no page in any form, and each form takes seconds. */
    private static final int MOST_BOXES = 300;

    /** A form replaces a simpler one only if the picture is larger on the page by this factor. */
    private static final double CLEARLY = 1.15;

    static final List<LayeredLayout.Form> FORMS =
            List.of(
                    new LayeredLayout.Form(Direction.DOWN, Direction.DOWN, 0),
                    new LayeredLayout.Form(Direction.RIGHT, Direction.RIGHT, 0),
                    new LayeredLayout.Form(Direction.DOWN, Direction.RIGHT, 0),
                    new LayeredLayout.Form(Direction.RIGHT, Direction.DOWN, 0),
                    new LayeredLayout.Form(Direction.DOWN, Direction.DOWN, LONG_SIDE / SHORT_SIDE),
                    new LayeredLayout.Form(
                            Direction.RIGHT, Direction.RIGHT, SHORT_SIDE / LONG_SIDE));

    /**
     * Returns the arrangement that is largest on a page of A4: from top to bottom if that is not
     * smaller than others, else from left to right, in one line or in several.
     *
     * @param diagram the boxes and arrows
     */
    static Arrangement of(Diagram diagram) {
        Arrangement best = LayeredLayout.of(diagram, FORMS.get(0));
        if (diagram.boxes().size() > MOST_BOXES) {
            return best;
        }
        for (LayeredLayout.Form form : FORMS.subList(1, FORMS.size())) {
            Arrangement other = LayeredLayout.of(diagram, form);
            best = other.pageScale() > CLEARLY * best.pageScale() ? other : best;
        }
        return best;
    }

    /** Returns the same arrangement elsewhere. */
    Arrangement movedBy(double x, double y) {
        return new Arrangement(
                width,
                height,
                places.stream().map(place -> place.movedBy(x, y)).toList(),
                wires.stream().map(wire -> wire.movedBy(x, y)).toList());
    }

    double pageScale() {
        return pageScale(width, height + Painter.AROUND);
    }

    /** Returns the scale at which a picture fits a page of A4, upright or turned, at most 1. */
    static double pageScale(double width, double height) {
        double upright = Math.min(SHORT_SIDE / width, LONG_SIDE / height);
        double turned = Math.min(LONG_SIDE / width, SHORT_SIDE / height);
        return Math.min(1, Math.max(upright, turned));
    }
}
