package io.residuum.draw;

/**
 * An arrow of a drawing.
 *
 * @param from the box that computes
 * @param to the box that reads
 * @param shortcut the kind of shortcut that it is part of, such as {@code identity}; empty for any
 *     other arrow
 * @param shape of what is read, as in {@link io.residuum.graph.Dims#toString}
 */
public record Edge(Box from, Box to, String shortcut, String shape) {

    /**
     * Whether this is part of a shortcut.
     *
     * @return true from where the shortcut leaves to where it merges
     */
    public boolean isShortcut() {
        return !shortcut.isEmpty();
    }
}
