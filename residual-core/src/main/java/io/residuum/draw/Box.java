package io.residuum.draw;

import io.residuum.graph.Node;
import java.util.List;

/**
 * One box of a drawing.
 *
 * @param id the index in the drawing, from 0
 * @param kind what the box stands for
 * @param path the layer whose operations it holds, or the name of an input
 * @param title the heading, relative to the innermost frame
 * @param lines the contents, then the shape of the result
 * @param frames the layers drawn around the box, outermost first
 * @param nodes the operations in the box
 */
public record Box(
        int id,
        Kind kind,
        String path,
        String title,
        List<String> lines,
        List<String> frames,
        List<Node> nodes) {

    /** The kinds of boxes. */
    public enum Kind {
        /** An input of the network. */
        INPUT,
        /** Operations of layers. */
        LAYER,
        /** Operations on a shortcut: a projection or a padding. */
        SHORTCUT,
        /** The sum or concatenation of a shortcut and a branch. */
        MERGE
    }

    public Box {
        lines = List.copyOf(lines);
        frames = List.copyOf(frames);
        nodes = List.copyOf(nodes);
    }

    /** Returns the id, because hashing the lists of many operations is slow. */
    @Override
    public int hashCode() {
        return id;
    }
}
