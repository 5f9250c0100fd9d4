package io.residuum.draw;

import io.residuum.graph.Node;
import java.util.List;

/**
 * One box of a drawing.
 *
 * @param id its place in the drawing, from 0
 * @param kind what it stands for
 * @param path the layer whose operations it holds, or the name of an input
 * @param title its heading, as short as its frames allow
 * @param lines what is in it, then the shape of its result
 * @param frames the layers drawn around it, outermost first
 * @param nodes the operations it stands for
 */
public record Box(
        int id,
        Kind kind,
        String path,
        String title,
        List<String> lines,
        List<String> frames,
        List<Node> nodes) {

    /** What a box stands for. */
    public enum Kind {
        /** An input of the network. */
        INPUT,
        /** Operations of layers. */
        LAYER,
        /** Operations on a shortcut: a projection, a padding. */
        SHORTCUT,
        /** Where a shortcut meets a branch. */
        MERGE
    }

    public Box {
        lines = List.copyOf(lines);
        frames = List.copyOf(frames);
        nodes = List.copyOf(nodes);
    }

    /** Quick, for boxes of many operations. */
    @Override
    public int hashCode() {
        return id;
    }
}
