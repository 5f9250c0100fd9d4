package io.residuum.draw;

import io.residuum.graph.Node;
import java.util.List;

/**
 * One box of a drawing.
 *
 * @param id a number that grows from each box to the boxes that read it
 * @param kind what the box stands for
 * @param path the layer whose operations it holds, or the name of an input or output
 * @param title the heading, relative to the innermost group
 * @param lines the contents
 * @param size the number of parameters in words, a range for equal units that grow; empty for none
 * @param shape the shape of the result, as in {@link io.residuum.graph.Dims#toString}
 * @param nodes the operations in the box; none for an output
 */
public record Box(
        int id,
        Kind kind,
        String path,
        String title,
        List<String> lines,
        String size,
        String shape,
        List<Node> nodes)
        implements Element {

    /** The kinds of boxes. A box with several layers has the kind of its main layer. */
    public enum Kind {
        /** An input of the network. */
        INPUT("input"),
        /** An output of the network. */
        OUTPUT("output"),
        /** Attention: softmax of products of queries and keys, times values. */
        ATTENTION("attention"),
        /** Convolutions and transposed convolutions. */
        CONVOLUTION("convolution"),
        /** Products with weight matrices. */
        LINEAR("linear"),
        /** Rows of a table, chosen by index. */
        EMBEDDING("embedding"),
        /** Pooling and means over positions. */
        POOLING("pooling"),
        /** Batch, layer, group and RMS norms. */
        NORM("norm"),
        /** Activation functions. */
        ACTIVATION("activation"),
        /** All other operations. */
        OTHER("other"),
        /** Operations on a shortcut: a projection or a padding. */
        SHORTCUT("shortcut"),
        /** The sum or concatenation of a shortcut and a branch. */
        MERGE("merge");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        /** Returns the name in a legend. */
        public String label() {
            return label;
        }
    }

    public Box {
        lines = List.copyOf(lines);
        nodes = List.copyOf(nodes);
    }

    /** Returns the id, because hashing the lists of many operations is slow. */
    @Override
    public int hashCode() {
        return id;
    }
}
