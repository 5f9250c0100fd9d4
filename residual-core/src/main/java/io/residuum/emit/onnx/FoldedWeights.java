package io.residuum.emit.onnx;

import io.residuum.graph.Arithmetics;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Arithmetic;
import io.residuum.graph.rewrite.ConstantFolding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A graph whose folded batch norms are part of the weights, because a file stores integers and does
 * not compute them. A folded weight keeps its path. A folded bias has the path of the norm's bias.
 */
final class FoldedWeights {
    private final Function<String, float[]> given;
    private final Map<String, float[]> computed = new HashMap<>();
    private final Graph graph;

    FoldedWeights(Graph whole, Function<String, float[]> given) {
        this.given = given;
        ConstantFolding parts = ConstantFolding.of(whole);
        Set<String> taken = new HashSet<>(parts.main().weights());
        List<Node> prepared = new ArrayList<>();
        for (Node node : parts.preparation().outputs()) {
            String path = path(node);
            float[] values = path == null || taken.contains(path) ? null : evaluate(node);
            if (path == null || values == null) {
                prepared.add(node);
            } else {
                taken.add(path);
                computed.put(path, values);
                Leaf leaf = new Leaf.Weight(path);
                prepared.add(new Node(leaf, List.of(), node.shape(), node.type(), node.layer()));
            }
        }
        graph =
                parts.main()
                        .map(
                                node ->
                                        node.operation() instanceof Leaf.Prepared leaf
                                                ? prepared.get(leaf.index())
                                                : node);
    }

    Graph graph() {
        return graph;
    }

    /** Returns the values of a weight of the graph. */
    float[] values(String path) {
        float[] folded = computed.get(path);
        return folded == null ? given.apply(path) : folded;
    }

    /** Returns the path of the first factor, or of the last term; null for other expressions. */
    private static @Nullable String path(Node node) {
        if (node.operation() instanceof Leaf.Weight weight) {
            return weight.path();
        }
        if (node.operation() instanceof Operation.Binary binary) {
            return switch (binary.arithmetic()) {
                case MULTIPLY -> path(node.input(0));
                case ADD -> path(node.input(1));
                default -> null;
            };
        }
        return null;
    }

    /** Returns the value of an expression of a folded batch norm; null for other expressions. */
    private float @Nullable [] evaluate(Node node) {
        Operation operation = node.operation();
        if (operation instanceof Leaf.Weight weight) {
            return given.apply(weight.path());
        }
        if (operation instanceof Operation.Reshape) {
            return evaluate(node.input(0));
        }
        if (operation instanceof Operation.Unary unary
                && unary.function() == Operation.Function.NEGATE) {
            return map(node, value -> -value);
        }
        if (operation instanceof Operation.Scalar scalar) {
            Arithmetic arithmetic = scalar.arithmetic();
            return map(node, value -> Arithmetics.apply(arithmetic, value, scalar.value()));
        }
        return operation instanceof Operation.Binary binary && broadcastsRows(node)
                ? binary(node, binary.arithmetic())
                : null;
    }

    private float @Nullable [] map(Node node, DoubleUnaryOperator function) {
        float[] values = evaluate(node.input(0));
        for (int i = 0; values != null && i < values.length; i++) {
            values[i] = (float) function.applyAsDouble(values[i]);
        }
        return values;
    }

    private float @Nullable [] binary(Node node, Arithmetic arithmetic) {
        float[] first = evaluate(node.input(0));
        float[] second = first == null ? null : evaluate(node.input(1));
        if (first == null || second == null) {
            return null;
        }
        int width = first.length / second.length;
        for (int i = 0; i < first.length; i++) {
            first[i] = (float) Arithmetics.apply(arithmetic, first[i], second[i / width]);
        }
        return first;
    }

    /**
     * Returns true if the second operand has a number for each number of the first, or each row.
     */
    private static boolean broadcastsRows(Node node) {
        long first = node.input(0).shape().size().value();
        long second = node.input(1).shape().size().value();
        int rank = node.input(0).shape().dimension();
        return rank > 0
                && rank == node.input(1).shape().dimension()
                && first == node.shape().size().value()
                && node.input(1).shape().get(0).equals(node.input(0).shape().get(0))
                && (second == first || second == node.input(1).shape().get(0).value());
    }
}
