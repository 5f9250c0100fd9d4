package io.residuum.emit.mxnet;

import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.List;
import java.util.Map;

/** Decides what oneDNN may fuse with convolutions and linear layers, or compute as convolutions. */
final class OneDnnFusion {
    private OneDnnFusion() {}

    /**
     * Returns true if MXNet could fuse a function with a layer that has other readers. In some
     * processes, by the order of addresses, a reader then gets the wrong one of both results. A
     * copy between them does not help, since MXNet removes it.
     *
     * @param node the node of the function
     * @param o the function
     * @param readers the readers of each node
     * @param written the entry of each node that is written; nodes that do nothing have that of
     *     their input
     */
    static boolean confuses(
            Node node, Operation.Unary o, Map<Node, List<Node>> readers, Map<Node, ?> written) {
        Node x = node.input(0);
        boolean several =
                o.function() == Operation.Function.SILU
                        || o.function() == Operation.Function.GELU_TANH
                        || o.function() == Operation.Function.HARD_SWISH
                        || hasSeveralReaders(x, readers);
        while (!x.inputs().isEmpty() && written.get(x) == written.get(x.input(0))) {
            x = x.input(0);
            several |= hasSeveralReaders(x, readers);
        }
        return several && (isConvolution(x) || x.operation() instanceof Operation.Linear);
    }

    /**
     * Returns true if MXNet fuses a sum of two values correctly. It cannot build the (unused)
     * gradient of a sum fused with a linear layer, and wrongly fuses convolutions with other
     * readers.
     *
     * @param readers the readers of each node
     */
    static boolean fusesSum(Node sum, Map<Node, List<Node>> readers) {
        Node a = sum.input(0);
        Node b = sum.input(1);
        boolean convolved = followsConvolution(a) || followsConvolution(b);
        return convolved && !shared(a, readers) && !shared(b, readers);
    }

    private static boolean shared(Node node, Map<Node, List<Node>> readers) {
        return isConvolution(node) && hasSeveralReaders(node, readers);
    }

    private static boolean hasSeveralReaders(Node node, Map<Node, List<Node>> readers) {
        return readers.getOrDefault(node, List.of()).size() > 1;
    }

    private static boolean followsConvolution(Node node) {
        Node from = node;
        while (from.operation() instanceof Operation.Unary
                || from.operation() instanceof Operation.BatchNorm) {
            from = from.input(0);
        }
        return isConvolution(from);
    }

    private static boolean isConvolution(Node node) {
        return node.operation() instanceof Operation.Convolution;
    }

    /**
     * Returns true if a product multiplies each channel of an image by one factor, and the image is
     * not a reshaped array, for which oneDNN's convolution ends the process.
     */
    static boolean scalesChannels(Node product) {
        Operation image = product.input(0).operation();
        boolean safe =
                image instanceof Operation.Convolution
                        || image instanceof Operation.BatchNorm
                        || image instanceof Operation.Transpose;
        Dims shape = product.shape();
        DimExpr one = DimExpr.of(1);
        return safe
                && shape.dimension() == 4
                && product.input(1).shape().equals(new Dims(List.of(one, shape.get(1), one, one)));
    }
}
