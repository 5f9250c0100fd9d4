package io.residuum.emit.mxnet;

import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.List;
import java.util.Map;

/** Decides which sums oneDNN may fuse with convolutions. */
final class ConvolutionSums {
    private ConvolutionSums() {}

    /**
     * Returns true if MXNet fuses a sum of two values correctly. It cannot build the (unused)
     * gradient of a sum fused with a linear layer, and wrongly fuses convolutions with other
     * readers.
     *
     * @param sum the sum
     * @param readers the readers of each node
     */
    static boolean fuses(Node sum, Map<Node, List<Node>> readers) {
        Node a = sum.input(0);
        Node b = sum.input(1);
        boolean convolved = followsConvolution(a) || followsConvolution(b);
        return convolved && !shared(a, readers) && !shared(b, readers);
    }

    private static boolean shared(Node node, Map<Node, List<Node>> readers) {
        return isConvolution(node) && readers.getOrDefault(node, List.of()).size() > 1;
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
}
