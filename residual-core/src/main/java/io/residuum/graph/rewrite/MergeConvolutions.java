package io.residuum.graph.rewrite;

import ai.djl.ndarray.types.Shape;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Arithmetic;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Merges a sum of convolutions of one input into one convolution. A smaller window is padded with
 * zeros, and a batch norm of the input is a convolution with a diagonal of factors. After {@link
 * FoldBatchNorm} this turns a unit of RepVGG into one convolution (Ding et al. 2021,
 * arXiv:2101.03697, Section 3.3). The new weights depend on parameters alone, so {@link
 * ConstantFolding} computes them once.
 */
public final class MergeConvolutions implements Pass {
    private static final Shape ONE = new Shape(1, 1);

    @Override
    public Graph apply(Graph graph) {
        Map<Node, List<Node>> readers = graph.readers();
        return graph.map(
                (node, now) -> {
                    boolean sum =
                            Patterns.isBinary(node, Arithmetic.ADD)
                                    && node.shape().dimension() == 4
                                    && node.inputs().stream()
                                            .allMatch(in -> isReadOnce(in, readers));
                    Node merged = sum ? merged(now.input(0), now.input(1)) : null;
                    return merged == null ? now : merged;
                });
    }

    private static boolean isReadOnce(Node node, Map<Node, List<Node>> readers) {
        return readers.getOrDefault(node, List.of()).size() == 1;
    }

    /** Returns one convolution for the sum of two maps; null if there is none. */
    private static @Nullable Node merged(Node a, Node b) {
        boolean swap =
                !(a.operation() instanceof Operation.Convolution)
                        || b.operation() instanceof Operation.Convolution
                                && window(b, 0) * window(b, 1) > window(a, 0) * window(a, 1);
        Node wide = swap ? b : a;
        Node other = swap ? a : b;
        if (!(wide.operation() instanceof Operation.Convolution conv)
                || wide.input(0) != other.input(0)
                || !wide.shape().equals(other.shape())) {
            return null;
        }
        if (other.operation() instanceof Operation.BatchNorm norm && !norm.training()) {
            return conv.stride().equals(ONE) ? merged(wide, conv, diagonal(other, conv)) : null;
        }
        boolean fits =
                other.operation() instanceof Operation.Convolution small
                        && small.stride().equals(conv.stride())
                        && small.groups() == conv.groups()
                        && (small.dilation().equals(conv.dilation())
                                || window(other, 0) * window(other, 1) == 1);
        return fits ? merged(wide, conv, other) : null;
    }

    private static long window(Node convolution, int axis) {
        return convolution.input(1).shape().get(2 + axis).value();
    }

    /**
     * Returns the wide convolution with the weights of a smaller one added; null if it juts out.
     */
    private static @Nullable Node merged(Node wide, Operation.Convolution conv, Node small) {
        Shape padding = ((Operation.Convolution) small.operation()).padding();
        long[] before = new long[2];
        long[] after = new long[2];
        for (int axis = 0; axis < 2; axis++) {
            long step = conv.dilation().get(axis);
            long shift = conv.padding().get(axis) - padding.get(axis);
            before[axis] = shift / step;
            after[axis] = window(wide, axis) - window(small, axis) - shift / step;
            if (shift % step != 0 || before[axis] < 0 || after[axis] < 0) {
                return null;
            }
        }
        Node weight = wide.input(1);
        Node padded = small.input(1);
        if (!padded.shape().equals(weight.shape())) {
            padded =
                    new Node(
                            new Operation.Pad(new Shape(before), new Shape(after), 0),
                            List.of(padded),
                            weight.shape(),
                            padded.type(),
                            padded.layer());
        }
        Node sum = sum(weight, padded);
        Node bias = null;
        for (Node map : List.of(wide, small)) {
            Node own = map.inputs().size() == 3 ? map.input(2) : null;
            bias = bias == null ? own : own == null ? bias : sum(bias, own);
        }
        return new Node(
                conv,
                bias == null ? List.of(wide.input(0), sum) : List.of(wide.input(0), sum, bias),
                wide.shape(),
                wide.type(),
                wide.layer());
    }

    /**
     * Returns a batch norm of the input as a 1x1 convolution with a diagonal of ones and a norm.
     */
    private static Node diagonal(Node norm, Operation.Convolution like) {
        long channels = norm.shape().get(1).value();
        long width = channels / like.groups();
        double[] ones = new double[Math.toIntExact(channels * width)];
        for (int c = 0; c < channels; c++) {
            ones[Math.toIntExact(c * width + c % width)] = 1;
        }
        Node weight =
                new Node(
                        new Leaf.Constant(ones),
                        List.of(),
                        Dims.of(norm.shape().get(1), width, 1, 1),
                        norm.type(),
                        norm.layer());
        Operation pointwise = new Operation.Convolution(ONE, new Shape(0, 0), ONE, like.groups());
        Node identity = norm.with(pointwise).with(List.of(norm.input(0), weight));
        return FoldBatchNorm.folded(
                norm.with(
                        List.of(
                                identity,
                                norm.input(1),
                                norm.input(2),
                                norm.input(3),
                                norm.input(4))));
    }

    private static Node sum(Node a, Node b) {
        return new Node(
                new Operation.Binary(Arithmetic.ADD),
                List.of(a, b),
                a.shape(),
                a.type(),
                a.layer());
    }
}
