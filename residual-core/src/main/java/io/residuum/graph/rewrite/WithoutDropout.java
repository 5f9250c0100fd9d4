package io.residuum.graph.rewrite;

import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongFunction;

/**
 * What a graph computes when nothing is dropped. The operations stay, with rates of zero, so that
 * all else about its program can be compared with a network.
 */
public final class WithoutDropout {
    private WithoutDropout() {}

    /**
     * Sets all rates of a graph to zero.
     *
     * @param graph computes as in training
     * @return a graph of the same operations; the same one if nothing is drawn
     */
    public static Graph of(Graph graph) {
        if (!draws(graph)) {
            return graph;
        }
        List<LongFunction<float[]>> all =
                graph.draws().stream().map(d -> WithoutDropout.keeping()).toList();
        return Graph.of(graph.map(WithoutDropout::still).outputs(), all, graph.layers());
    }

    /** Whether two runs of the graph may differ. */
    public static boolean draws(Graph graph) {
        return !graph.draws().isEmpty()
                || graph.nodes().stream().anyMatch(n -> n.operation().isRandom());
    }

    private static LongFunction<float[]> keeping() {
        return samples -> {
            float[] factors = new float[Math.toIntExact(samples)];
            Arrays.fill(factors, 1);
            return factors;
        };
    }

    private static Node still(Node node) {
        Operation operation = node.operation();
        if (operation instanceof Operation.Dropout) {
            return with(new Operation.Dropout(0), node);
        }
        if (operation instanceof Operation.Attention a) {
            return with(new Operation.Attention(a.scale(), a.causal(), 0), node);
        }
        return node;
    }

    private static Node with(Operation operation, Node node) {
        return new Node(operation, node.inputs(), node.shape(), node.type(), node.layer());
    }
}
