package io.residuum.graph.rewrite;

import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongFunction;

/**
 * Sets all rates of dropout and stochastic depth to zero. The operations stay, so that the rest of
 * a program can be compared with the network.
 */
public final class WithoutDropout implements Pass {
    @Override
    public Graph apply(Graph graph) {
        if (!draws(graph)) {
            return graph;
        }
        List<LongFunction<float[]>> all =
                graph.draws().stream().map(d -> WithoutDropout.keeping()).toList();
        List<Node> outputs = graph.map(WithoutDropout::withoutDropout).outputs();
        return Graph.of(outputs, graph.outputNames(), all, graph.layers());
    }

    /** Returns true if the graph draws random numbers, so that two runs may differ. */
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

    private static Node withoutDropout(Node node) {
        Operation operation = node.operation();
        if (operation instanceof Operation.Dropout) {
            return node.with(new Operation.Dropout(0));
        }
        return operation instanceof Operation.Attention a
                ? node.with(new Operation.Attention(a.scale(), a.causal(), 0))
                : node;
    }
}
