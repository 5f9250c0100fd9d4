package io.residuum.draw;

/**
 * An arrow of a drawing.
 *
 * @param from the box that computes the value
 * @param to the box that reads the value
 * @param shortcut the kind of shortcut, such as {@code identity}; empty for other arrows
 * @param shape the shape of the value, as in {@link io.residuum.graph.Dims#toString}
 */
public record Edge(Box from, Box to, String shortcut, String shape) {

    /**
     * Returns true if this arrow is part of a shortcut.
     *
     * @return true for all arrows from the start of the shortcut to its merge
     */
    public boolean isShortcut() {
        return !shortcut.isEmpty();
    }
}
