package io.residuum.draw;

/** A part of a drawing: a box, or a group of boxes with a frame around it. */
public sealed interface Element permits Box, Group {
    /** {@return the path of its layer} */
    String path();

    /** {@return its heading} */
    String title();
}
