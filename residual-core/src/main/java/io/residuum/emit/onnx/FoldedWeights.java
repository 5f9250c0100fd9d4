package io.residuum.emit.onnx;

import io.residuum.graph.Arithmetics;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Arithmetic;
import io.residuum.graph.rewrite.ConstantFolding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A graph whose folded batch norms are part of the weights, because a file stores integers and does
 * not compute them. A folded weight keeps its path. A folded bias has the path of the norm's bias.
 * Layers that share a weight but not their norms cannot share integers: the first has them, and the
 * others compute from the original, which has another path.
 */
final class FoldedWeights {
    private static final String ORIGINAL = ".original";

    private final Function<String, float[]> given;
    private final Map<String, float[]> computed = new HashMap<>();
    private final Graph graph;

    FoldedWeights(Graph whole, Function<String, float[]> given) {
        this.given = given;
        ConstantFolding parts = ConstantFolding.of(whole);
        Set<String> taken = parts.main().weights();
        Map<String, Node> folded = new HashMap<>();
        List<Node> prepared = new ArrayList<>();
        for (Node node : parts.preparation().outputs()) {
            String path = path(node);
            float[] values = path == null || taken.contains(path) ? null : evaluate(node);
            if (path == null || values == null) {
                prepared.add(node);
                continue;
            }
            float[] first = computed.putIfAbsent(path, values);
            Node weight =
                    folded.computeIfAbsent(
                            path, p -> node.with(new Leaf.Weight(p)).with(List.of()));
            prepared.add(first == null || Arrays.equals(first, values) ? weight : node);
        }
        Graph expressions =
                Graph.of(prepared, List.of(), whole.layers())
                        .map(node -> folded.containsValue(node) ? node : original(node));
        graph =
                parts.main()
                        .map(
                                node ->
                                        node.operation() instanceof Leaf.Prepared leaf
                                                ? expressions.outputs().get(leaf.index())
                                                : node);
    }

    /** Returns a weight that an expression reads, under a path that no folded one has. */
    private Node original(Node node) {
        return node.operation() instanceof Leaf.Weight weight && computed.containsKey(weight.path())
                ? node.with(new Leaf.Weight(weight.path() + ORIGINAL))
                : node;
    }

    Graph graph() {
        return graph;
    }

    /** Returns the values of a weight of the graph. */
    float[] values(String path) {
        float[] folded = computed.get(path);
        if (folded != null) {
            return folded;
        }
        int end = path.length() - ORIGINAL.length();
        boolean original = path.endsWith(ORIGINAL) && computed.containsKey(path.substring(0, end));
        return given.apply(original ? path.substring(0, end) : path);
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
            // Results are computed in place.
            return given.apply(weight.path()).clone();
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
