package io.residuum.graph.rewrite;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.List;
import java.util.Optional;

/**
 * Replaces a shortcut that takes every second pixel and pads channels with zeros (He et al. 2015,
 * Section 3.3, option A) by one convolution with weights of zeros and ones. It multiplies more, but
 * keeps the memory layout of the convolutions around it, and can be fused with their sum.
 */
public final class PadAsConvolution implements Pass {
    private static final int CHANNELS = 1;

    @Override
    public Graph apply(Graph graph) {
        return graph.map(node -> convolution(node).orElse(node));
    }

    private static Optional<Node> convolution(Node pad) {
        boolean images = pad.shape().dimension() == 4 && pad.type() == DataType.FLOAT32;
        if (!images
                || !(pad.operation() instanceof Operation.Concat concat)
                || concat.axis() != CHANNELS) {
            return Optional.empty();
        }
        long before = 0;
        Node padded = null;
        for (Node part : pad.inputs()) {
            if (isZero(part)) {
                before += padded == null ? part.shape().get(CHANNELS).value() : 0;
            } else if (padded == null) {
                padded = part;
            } else {
                return Optional.empty();
            }
        }
        if (padded == null || padded == pad.input(0) && pad.inputs().size() == 1) {
            return Optional.empty();
        }
        long[] stride = {1, 1};
        Node image = padded;
        while (image.operation() instanceof Operation.Slice s && coversAxis(s, image.input(0))) {
            stride[s.axis() - 2] *= s.step();
            image = image.input(0);
        }
        Operation operation =
                new Operation.Convolution(new Shape(stride), new Shape(0, 0), new Shape(1, 1), 1);
        Node weight = shiftWeights(image.shape().get(CHANNELS).value(), before, pad);
        return Optional.of(
                new Node(operation, List.of(image, weight), pad.shape(), pad.type(), pad.layer()));
    }

    private static boolean isZero(Node node) {
        return node.operation() instanceof Leaf.Fill fill && fill.value() == 0;
    }

    /** Returns true if a slice covers all rows or columns, so that a stride does the same. */
    private static boolean coversAxis(Operation.Slice slice, Node image) {
        return slice.axis() >= 2
                && slice.from().equals(DimExpr.of(0))
                && slice.to().equals(image.shape().get(slice.axis()));
    }

    /** Returns weights that shift channels by an offset. */
    private static Node shiftWeights(long channels, long offset, Node pad) {
        Dims shape = Dims.of(pad.shape().get(CHANNELS), channels, 1, 1);
        double[] values = new double[Math.toIntExact(shape.size().value())];
        for (int c = 0; c < channels; c++) {
            values[Math.toIntExact((c + offset) * channels + c)] = 1;
        }
        return new Node(new Leaf.Constant(values), List.of(), shape, pad.type(), pad.layer());
    }
}
