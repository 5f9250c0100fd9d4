package io.residuum.graph.rewrite;

import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A convolution or linear layer that can compute with 8 bits.
 *
 * @param path the path of its weight, which identifies it in graphs of other input sizes
 * @param node the layer
 * @param input the node that it reads
 * @param output the node to quantize after it: a convolution, its batch norm in training, its ReLU
 *     or ReLU6; null for a linear layer
 */
public record QuantizableLayer(String path, Node node, Node input, @Nullable Node output) {

    /**
     * {@return the graph with folded batch norms and recognized activations}
     *
     * @param graph a graph; norms in training stay
     */
    public static Graph prepared(Graph graph) {
        return new RecognizeActivations().apply(new FoldBatchNorm().apply(graph));
    }

    /**
     * {@return the layers of a graph in the order of computation}
     *
     * @param graph a graph as {@link #prepared} returns it
     */
    public static List<QuantizableLayer> of(Graph graph) {
        Map<Node, List<Node>> readers = graph.readers();
        List<QuantizableLayer> found = new ArrayList<>();
        for (Node node : graph.nodes()) {
            boolean convolution = node.operation() instanceof Operation.Convolution;
            if (convolution || node.operation() instanceof Operation.Linear) {
                String path = path(node.input(1));
                if (path != null) {
                    Node output = convolution ? output(node, readers) : null;
                    found.add(new QuantizableLayer(path, node, node.input(0), output));
                }
            }
        }
        return found;
    }

    /** Returns the path of a weight, possibly scaled by a folded batch norm; null for others. */
    private static @Nullable String path(Node weight) {
        Node node = weight;
        while (Patterns.isBinary(node, Operation.Arithmetic.MULTIPLY)) {
            node = node.input(0);
        }
        return node.operation() instanceof Leaf.Weight leaf ? leaf.path() : null;
    }

    /** Returns the node after a batch norm, which prediction folds, and a ReLU or ReLU6. */
    private static Node output(Node node, Map<Node, List<Node>> readers) {
        Node normed = after(node, readers, next -> next.operation() instanceof Operation.BatchNorm);
        return after(
                normed,
                readers,
                next ->
                        Patterns.isUnary(next, Operation.Function.RELU)
                                || Patterns.isUnary(next, Operation.Function.RELU6));
    }

    /** Returns the only reader of a node if it is as wanted, else the node. */
    private static Node after(Node node, Map<Node, List<Node>> readers, Predicate<Node> wanted) {
        List<Node> by = readers.getOrDefault(node, List.of());
        return by.size() == 1 && wanted.test(by.get(0)) ? by.get(0) : node;
    }
}
