package io.residuum.emit.onnx;

import io.residuum.graph.Node;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How operations of one kind become operators of the format. */
interface Operators {

    /**
     * Adds what computes a node.
     *
     * @param node the node
     * @param operands the names of its operands
     * @return the name of the result; null if the node is of another kind
     */
    @Nullable String of(Node node, List<String> operands);
}
