package io.residuum.graph.rewrite;

import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Arithmetic;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Folds a batch norm for inference into the convolution or linear layer before it, if nothing else
 * reads that layer: with {@code s = weight / sqrt(variance + eps)}, {@code norm(w x + b)} is {@code
 * (s w) x + s (b - mean) + bias}. The new weights follow from parameters alone, so that {@link
 * ConstantFolding} has them computed once.
 */
public final class FoldBatchNorm implements Pass {
    @Override
    public Graph apply(Graph graph) {
        Map<Node, List<Node>> readers = graph.readers();
        Map<Node, Node> rewritten = new IdentityHashMap<>();
        for (Node node : graph.nodes()) {
            Node same = node.with(node.inputs().stream().map(rewritten::get).toList());
            boolean folds =
                    node.operation() instanceof Operation.BatchNorm norm
                            && !norm.training()
                            && isMap(node.input(0))
                            && readers.getOrDefault(node.input(0), List.of()).size() == 1;
            rewritten.put(node, folds ? folded(same) : same);
        }
        return graph.replaced(rewritten);
    }

    private static boolean isMap(Node node) {
        return node.operation() instanceof Operation.Convolution
                || node.operation() instanceof Operation.Linear && node.shape().dimension() == 2;
    }

    private static Node folded(Node norm) {
        Operation.BatchNorm settings = (Operation.BatchNorm) norm.operation();
        Node map = norm.input(0);
        Node weight = map.input(1);
        Node gamma = norm.input(1);
        Node variance = norm.input(4);
        Node root =
                scalar(scalar(variance, Arithmetic.ADD, settings.eps()), Arithmetic.POWER, -0.5);
        Node factors = binary(Arithmetic.MULTIPLY, gamma, root);
        long[] ones = new long[weight.shape().dimension() - 1];
        Arrays.fill(ones, 1);
        Dims rows = Dims.of(factors.shape().get(0), ones);
        Node perRow = node(new Operation.Reshape(), List.of(factors), rows, factors);
        Node scaled = binary(Arithmetic.MULTIPLY, weight, perRow);
        Node mean = norm.input(3);
        Node centred =
                map.inputs().size() == 3
                        ? binary(Arithmetic.SUBTRACT, map.input(2), mean)
                        : node(
                                new Operation.Unary(Operation.Function.NEGATE),
                                List.of(mean),
                                mean.shape(),
                                mean);
        Node offset =
                binary(
                        Arithmetic.ADD,
                        binary(Arithmetic.MULTIPLY, centred, factors),
                        norm.input(2));
        return new Node(
                map.operation(),
                List.of(map.input(0), scaled, offset),
                norm.shape(),
                norm.type(),
                norm.layer());
    }

    private static Node scalar(Node a, Arithmetic arithmetic, double value) {
        return node(new Operation.Scalar(arithmetic, value), List.of(a), a.shape(), a);
    }

    private static Node binary(Arithmetic arithmetic, Node a, Node b) {
        return node(new Operation.Binary(arithmetic), List.of(a, b), a.shape(), a);
    }

    private static Node node(Operation operation, List<Node> inputs, Dims shape, Node like) {
        return new Node(operation, inputs, shape, like.type(), like.layer());
    }
}
