package io.residuum.graph.rewrite;

import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Arithmetic;
import io.residuum.graph.Operation.Function;
import java.util.List;
import java.util.Optional;

/**
 * Replaces {@code x sigmoid(2 sqrt(2 / pi) (x + 0.044715 x^3))} by one GELU with the tanh
 * approximation (Hendrycks and Gimpel 2016, arXiv:1606.08415), for engines that have it.
 */
public final class RecognizeGelu implements Pass {
    private static final double TWICE = 2 * Math.sqrt(2 / Math.PI);
    private static final double CUBE = TWICE * 0.044715;

    @Override
    public Graph apply(Graph graph) {
        return graph.map(
                node -> {
                    Optional<Node> x = argument(node);
                    return x.isEmpty()
                            ? node
                            : new Node(
                                    new Operation.Unary(Function.GELU_TANH),
                                    List.of(x.get()),
                                    node.shape(),
                                    node.type(),
                                    node.layer());
                });
    }

    private static Optional<Node> argument(Node node) {
        if (!Patterns.isBinary(node, Arithmetic.MULTIPLY)
                || !Patterns.isUnary(node.input(0), Function.SIGMOID)) {
            return Optional.empty();
        }
        Node x = node.input(1);
        Node inner = node.input(0).input(0);
        if (!Patterns.isBinary(inner, Arithmetic.MULTIPLY) || inner.input(1) != x) {
            return Optional.empty();
        }
        Node sum = inner.input(0);
        if (!near(Patterns.scalar(sum, Arithmetic.ADD), TWICE)) {
            return Optional.empty();
        }
        Node product = sum.input(0);
        boolean is =
                near(Patterns.scalar(product, Arithmetic.MULTIPLY), CUBE)
                        && Patterns.isUnary(product.input(0), Function.SQUARE)
                        && product.input(0).input(0) == x;
        return is ? Optional.of(x) : Optional.empty();
    }

    private static boolean near(Optional<Double> found, double wanted) {
        return found.isPresent() && Math.abs(found.get() - wanted) < 1e-9;
    }
}
