package io.residuum.graph.rewrite;

import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Arithmetic;
import io.residuum.graph.Operation.Function;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Replaces activations that layers compute by several operations by one, for engines that have it:
 *
 * <ul>
 *   <li>{@code x sigmoid(2 sqrt(2 / pi) (x + 0.044715 x^3))}, GELU with the tanh approximation
 *       (Hendrycks and Gimpel 2016, arXiv:1606.08415),
 *   <li>{@code min(relu(x), 6)}, ReLU6,
 *   <li>{@code relu6(x + 3) / 6} and {@code x relu6(x + 3) / 6}, hard sigmoid and hard swish
 *       (Howard et al. 2019, arXiv:1905.02244).
 * </ul>
 */
public final class RecognizeActivations implements Pass {
    private static final double TWICE = 2 * Math.sqrt(2 / Math.PI);
    private static final double CUBE = TWICE * 0.044715;

    @Override
    public Graph apply(Graph graph) {
        return graph.map(RecognizeActivations::recognized);
    }

    private static Node recognized(Node node) {
        Node x = gelu(node);
        if (x != null) {
            return function(Function.GELU_TANH, x, node);
        }
        if (is(node, Arithmetic.MINIMUM, 6) && Patterns.isUnary(node.input(0), Function.RELU)) {
            return function(Function.RELU6, node.input(0).input(0), node);
        }
        if (is(node, Arithmetic.DIVIDE, 6)
                && Patterns.isUnary(node.input(0), Function.RELU6)
                && is(node.input(0).input(0), Arithmetic.ADD, 3)) {
            return function(Function.HARD_SIGMOID, node.input(0).input(0).input(0), node);
        }
        x = gated(node, Function.HARD_SIGMOID);
        return x == null ? node : function(Function.HARD_SWISH, x, node);
    }

    private static Node function(Function function, Node x, Node replaced) {
        return new Node(
                new Operation.Unary(function),
                List.of(x),
                replaced.shape(),
                replaced.type(),
                replaced.layer());
    }

    /** Returns x of {@code function(x) x}; null for other nodes. */
    private static @Nullable Node gated(Node node, Function function) {
        boolean is =
                Patterns.isBinary(node, Arithmetic.MULTIPLY)
                        && Patterns.isUnary(node.input(0), function)
                        && node.input(0).input(0) == node.input(1);
        return is ? node.input(1) : null;
    }

    private static @Nullable Node gelu(Node node) {
        if (!Patterns.isBinary(node, Arithmetic.MULTIPLY)
                || !Patterns.isUnary(node.input(0), Function.SIGMOID)) {
            return null;
        }
        Node x = node.input(1);
        Node inner = node.input(0).input(0);
        if (!Patterns.isBinary(inner, Arithmetic.MULTIPLY) || inner.input(1) != x) {
            return null;
        }
        Node sum = inner.input(0);
        if (!is(sum, Arithmetic.ADD, TWICE)) {
            return null;
        }
        Node product = sum.input(0);
        boolean is =
                is(product, Arithmetic.MULTIPLY, CUBE)
                        && Patterns.isUnary(product.input(0), Function.SQUARE)
                        && product.input(0).input(0) == x;
        return is ? x : null;
    }

    /** Returns true if a node combines its input with a number. */
    private static boolean is(Node node, Arithmetic arithmetic, double number) {
        Optional<Double> found = Patterns.scalar(node, arithmetic);
        return found.isPresent() && Math.abs(found.get() - number) < 1e-9;
    }
}
