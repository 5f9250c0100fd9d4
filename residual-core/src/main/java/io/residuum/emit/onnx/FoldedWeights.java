package io.residuum.emit.onnx;

import io.residuum.graph.Arithmetics;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.rewrite.ConstantFolding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A graph whose folded batch norms are part of the weights: integers are stored, not computed. A
 * folded weight has the path of the weight, and a folded bias that of the norm's bias.
 */
final class FoldedWeights {
    private final Function<String, float[]> given;
    private final Map<String, Node> computed = new HashMap<>();
    private final Graph graph;

    private FoldedWeights(Graph graph, Function<String, float[]> given, boolean fold) {
        this.given = given;
        this.graph = fold ? folded(graph) : graph;
    }

    static FoldedWeights of(Graph graph, Function<String, float[]> values, boolean fold) {
        return new FoldedWeights(graph, values, fold);
    }

    Graph graph() {
        return graph;
    }

    /** Returns the values of a weight of the graph. */
    float[] values(String path) {
        Node node = computed.get(path);
        return node == null ? given.apply(path) : Objects.requireNonNull(evaluate(node));
    }

    private Graph folded(Graph whole) {
        ConstantFolding parts = ConstantFolding.of(whole);
        Set<String> taken = new HashSet<>(parts.main().weights());
        List<Node> now = new ArrayList<>();
        for (Node node : parts.preparation().outputs()) {
            String path = path(node);
            if (path == null || !isComputable(node) || !taken.add(path)) {
                now.add(node);
            } else {
                computed.put(path, node);
                Leaf.Weight leaf = new Leaf.Weight(path);
                now.add(new Node(leaf, List.of(), node.shape(), node.type(), node.layer()));
            }
        }
        return parts.main()
                .map(
                        node ->
                                node.operation() instanceof Leaf.Prepared prepared
                                        ? now.get(prepared.index())
                                        : node);
    }

    /** Returns the path of the first factor, or of the last term; null for other expressions. */
    private static @Nullable String path(Node node) {
        Operation operation = node.operation();
        if (operation instanceof Leaf.Weight weight) {
            return weight.path();
        }
        if (!(operation instanceof Operation.Binary binary)) {
            return null;
        }
        return switch (binary.arithmetic()) {
            case MULTIPLY -> path(node.input(0));
            case ADD -> path(node.input(1));
            default -> null;
        };
    }

    private static boolean isComputable(Node node) {
        Operation operation = node.operation();
        boolean known =
                operation instanceof Leaf.Weight
                        || operation instanceof Operation.Scalar
                        || operation instanceof Operation.Reshape
                        || operation instanceof Operation.Binary && broadcasts(node)
                        || operation instanceof Operation.Unary u
                                && u.function() == Operation.Function.NEGATE;
        return known && node.inputs().stream().allMatch(FoldedWeights::isComputable);
    }

    /** Returns true if the second operand has one number for each output, or for each number. */
    private static boolean broadcasts(Node node) {
        long rows = node.input(0).shape().get(0).value();
        long second = node.input(1).shape().size().value();
        return second == node.shape().size().value()
                || second == rows && node.input(1).shape().get(0).value() == rows;
    }

    private float[] evaluate(Node node) {
        Operation operation = node.operation();
        if (operation instanceof Leaf.Weight weight) {
            return given.apply(weight.path());
        }
        float[] x = evaluate(node.input(0));
        float[] result = new float[x.length];
        if (operation instanceof Operation.Binary binary) {
            float[] y = evaluate(node.input(1));
            int each = x.length / y.length;
            for (int i = 0; i < x.length; i++) {
                result[i] = (float) Arithmetics.apply(binary.arithmetic(), x[i], y[i / each]);
            }
        } else if (operation instanceof Operation.Scalar scalar) {
            for (int i = 0; i < x.length; i++) {
                result[i] = (float) Arithmetics.apply(scalar.arithmetic(), x[i], scalar.value());
            }
        } else if (operation instanceof Operation.Unary) {
            for (int i = 0; i < x.length; i++) {
                result[i] = -x[i];
            }
        } else {
            return x;
        }
        return result;
    }
}
