package io.residuum.graph.rewrite;

import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Arithmetic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Replaces {@code softmax(scale q k' + bias) v} by one {@link Operation.Attention}, for engines
 * that never write the scores to memory (Dao et al. 2022, arXiv:2205.14135). A bias that is exactly
 * a causal mask becomes a flag. If heads were folded into the batch only for the products,
 * attention computes on the unfolded arrays.
 */
public final class RecognizeAttention implements Pass {
    /** The largest number that a mask adds to a masked score. */
    private static final double MASKED = -1e4;

    @Override
    public Graph apply(Graph graph) {
        Map<Node, List<Node>> readers = graph.readers();
        return unfolded(graph.map((node, now) -> attention(now, node, readers).orElse(now)));
    }

    private static boolean readOnce(Node node, Map<Node, List<Node>> readers) {
        return readers.getOrDefault(node, List.of()).size() == 1;
    }

    /** Matches the pattern on the original node, and builds attention from the rewritten one. */
    private static Optional<Node> attention(Node now, Node node, Map<Node, List<Node>> readers) {
        boolean product = node.operation() instanceof Operation.Product p && !p.transposed();
        if (!product || node.shape().dimension() != 3) {
            return Optional.empty();
        }
        Node weights = node.input(0);
        Node weightsNow = now.input(0);
        double dropout = 0;
        if (weights.operation() instanceof Operation.Dropout d && readOnce(weights, readers)) {
            dropout = d.rate();
            weights = weights.input(0);
            weightsNow = weightsNow.input(0);
        }
        boolean softmax = weights.operation() instanceof Operation.Softmax s && s.axis() == 2;
        if (!softmax || !readOnce(weights, readers)) {
            return Optional.empty();
        }
        Node scores = weights.input(0);
        Node scoresNow = weightsNow.input(0);
        Node bias = null;
        if (Patterns.isBinary(scores, Arithmetic.ADD) && readOnce(scores, readers)) {
            bias = scoresNow.input(1);
            scores = scores.input(0);
            scoresNow = scoresNow.input(0);
        }
        boolean qk = scores.operation() instanceof Operation.Product p && p.transposed();
        if (!qk || !readOnce(scores, readers)) {
            return Optional.empty();
        }
        Node queries = scoresNow.input(0);
        double scale = Patterns.scalar(queries, Arithmetic.MULTIPLY).orElse(1.0);
        if (queries.operation() instanceof Operation.Scalar s
                && s.arithmetic() == Arithmetic.MULTIPLY) {
            queries = queries.input(0);
        }
        Node keys = scoresNow.input(1);
        boolean causal = bias != null && isCausal(bias, queries, keys);
        List<Node> inputs = new ArrayList<>(List.of(queries, keys, now.input(1)));
        if (bias != null && !causal) {
            inputs.add(bias);
        }
        Operation operation = new Operation.Attention(scale, causal, dropout);
        return Optional.of(new Node(operation, inputs, node.shape(), node.type(), node.layer()));
    }

    private static boolean isCausal(Node bias, Node queries, Node keys) {
        DimExpr rows = queries.shape().get(1);
        Dims square = new Dims(List.of(DimExpr.of(1), rows, rows));
        double[] values = Patterns.constant(bias);
        if (values == null || !keys.shape().get(1).equals(rows) || !bias.shape().equals(square)) {
            return false;
        }
        int longest = (int) Math.round(Math.sqrt(values.length));
        for (int q = 0; q < longest; q++) {
            for (int k = 0; k < longest; k++) {
                double value = values[q * longest + k];
                if (k <= q ? value != 0 : value > MASKED) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Removes the folding of heads into the batch if inputs and output of attention have it. */
    private static Graph unfolded(Graph graph) {
        Map<Node, List<Node>> readers = graph.readers();
        return graph.map(
                (node, now) -> {
                    Node attention = unfoldedAttention(node, now, readers);
                    return attention == null ? now : attention;
                });
    }

    /** Returns the four-dimensional attention for a reshape of a three-dimensional one, or null. */
    private static @Nullable Node unfoldedAttention(
            Node node, Node now, Map<Node, List<Node>> readers) {
        if (!(node.operation() instanceof Operation.Reshape)
                || !(node.input(0).operation() instanceof Operation.Attention)
                || node.shape().dimension() != 4
                || !readOnce(node.input(0), readers)) {
            return null;
        }
        Node folded = now.input(0);
        List<Node> inputs = new ArrayList<>();
        for (Node in : folded.inputs()) {
            boolean isBias = inputs.size() == 3;
            if (isBias) {
                if (!in.shape().get(0).equals(DimExpr.of(1))) {
                    return null;
                }
                inputs.add(in);
            } else if (in.operation() instanceof Operation.Reshape
                    && in.input(0).shape().dimension() == 4
                    && sameLead(in.input(0).shape(), node.shape())) {
                inputs.add(in.input(0));
            } else {
                return null;
            }
        }
        return new Node(folded.operation(), inputs, node.shape(), node.type(), folded.layer());
    }

    private static boolean sameLead(Dims a, Dims b) {
        return a.slice(0, 2).equals(b.slice(0, 2));
    }
}
