package io.residuum.nn.trait;

import java.util.Optional;

/** A layer with a table that can be resized to the layer's size, such as position embeddings. */
public interface ResizableTable {

    /**
     * {@return a description of the resizing, for instance {@code 14x14 to 24x24, bicubic}; empty
     * if the table cannot be resized}
     *
     * @param parameter this layer's name of the table
     * @param found the shape of the other table
     */
    Optional<String> resizing(String parameter, long... found);

    /**
     * {@return the values of a table resized to this layer's size, in row-major order}
     *
     * @param parameter as for {@link #resizing}, which must not be empty
     * @param values the values in row-major order
     * @param found their shape
     */
    float[] resize(String parameter, float[] values, long... found);
}
