package io.residuum.picture;

import io.residuum.draw.Element;
import java.awt.geom.Rectangle2D;

/**
 * An element at its place.
 *
 * @param element a box or a group
 * @param at its rectangle in the drawing
 */
record Place(Element element, Rectangle2D at) {
    Place movedBy(double x, double y) {
        return new Place(element, moved(at, x, y));
    }

    static Rectangle2D moved(Rectangle2D at, double x, double y) {
        return new Rectangle2D.Double(at.getX() + x, at.getY() + y, at.getWidth(), at.getHeight());
    }
}
