package io.residuum.picture;

import io.residuum.draw.Element;
import java.awt.geom.Rectangle2D;

/**
 * An element with its rectangle.
 *
 * @param element a box or a group
 * @param at its rectangle in the drawing
 */
record PlacedElement(Element element, Rectangle2D at) {
    PlacedElement movedBy(double x, double y) {
        return new PlacedElement(element, moved(at, x, y));
    }

    static Rectangle2D moved(Rectangle2D at, double x, double y) {
        return new Rectangle2D.Double(at.getX() + x, at.getY() + y, at.getWidth(), at.getHeight());
    }
}
