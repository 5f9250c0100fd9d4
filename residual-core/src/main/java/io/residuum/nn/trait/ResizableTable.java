package io.residuum.nn.trait;

import java.util.Optional;

/** A layer with a table that can be resized from another size to its own. */
public interface ResizableTable {

    /**
     * Describes how a table is resized.
     *
     * @param parameter the layer's own name of the table
     * @param found the shape of another table
     * @return a few words for people, for instance {@code 14x14 to 24x24, bicubic}; empty if it
     *     cannot be
     */
    Optional<String> resizing(String parameter, long... found);

    /**
     * Resizes values to the layer's size.
     *
     * @param parameter as for {@link #resizing}, which must not be empty
     * @param values row by row
     * @param found their shape
     * @return the table's values, row by row
     */
    float[] resize(String parameter, float[] values, long... found);
}
