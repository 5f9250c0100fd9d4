package io.residuum.graph.rewrite;

import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Arithmetic;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Folds a batch norm for inference into the convolution or linear layer before it, if nothing else
 * reads that layer. With {@code s = weight / sqrt(variance + eps)}, {@code norm(w x + b)} equals
 * {@code (s w) x + s (b - mean) + bias}. The new weights depend on parameters alone, so {@link
 * ConstantFolding} computes them once.
 */
public final class FoldBatchNorm implements Pass {
    @Override
    public Graph apply(Graph graph) {
        Map<Node, List<Node>> readers = graph.readers();
        return graph.map(
                (node, now) -> {
                    boolean folds =
                            node.operation() instanceof Operation.BatchNorm norm
                                    && !norm.training()
                                    && isFoldable(node.input(0))
                                    && readers.getOrDefault(node.input(0), List.of()).size() == 1;
                    return folds ? folded(now) : now;
                });
    }

    private static boolean isFoldable(Node node) {
        return node.operation() instanceof Operation.Convolution
                || node.operation() instanceof Operation.Linear && node.shape().dimension() == 2;
    }

    /** Returns the layer before a norm with the norm folded into it. */
    static Node folded(Node norm) {
        Operation.BatchNorm settings = (Operation.BatchNorm) norm.operation();
        Node layer = norm.input(0);
        Node weight = layer.input(1);
        Node gamma = norm.input(1);
        Node variance = norm.input(4);
        Node root =
                variance.then(new Operation.Scalar(Arithmetic.ADD, settings.eps()))
                        .then(new Operation.Scalar(Arithmetic.POWER, -0.5));
        Node factors = binary(Arithmetic.MULTIPLY, gamma, root);
        long[] ones = new long[weight.shape().dimension() - 1];
        Arrays.fill(ones, 1);
        Dims rows = Dims.of(factors.shape().get(0), ones);
        Node perRow =
                new Node(
                        new Operation.Reshape(),
                        List.of(factors),
                        rows,
                        factors.type(),
                        factors.layer());
        Node scaled = binary(Arithmetic.MULTIPLY, weight, perRow);
        Node mean = norm.input(3);
        Node centered =
                layer.inputs().size() == 3
                        ? binary(Arithmetic.SUBTRACT, layer.input(2), mean)
                        : mean.then(new Operation.Unary(Operation.Function.NEGATE));
        Node offset =
                binary(
                        Arithmetic.ADD,
                        binary(Arithmetic.MULTIPLY, centered, factors),
                        norm.input(2));
        return new Node(
                layer.operation(),
                List.of(layer.input(0), scaled, offset),
                norm.shape(),
                norm.type(),
                norm.layer());
    }

    private static Node binary(Arithmetic arithmetic, Node a, Node b) {
        return new Node(
                new Operation.Binary(arithmetic), List.of(a, b), a.shape(), a.type(), a.layer());
    }
}
