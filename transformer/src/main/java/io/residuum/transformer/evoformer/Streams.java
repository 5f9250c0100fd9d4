package io.residuum.transformer.evoformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.LinearBlock;
import io.residuum.nn.Shapes;
import io.residuum.nn.SideInput;
import io.residuum.nn.SideInputs;
import io.residuum.spec.layers.InitSpec;

/** Checks and maps of two-dimensional streams {@code (N, R, T, C)}. */
final class Streams {
    /** The side input with 1 for positions that count and 0 for others, {@code (N, R, T)}. */
    static final String MASK = "mask";

    private Streams() {}

    static void require(String layer, Shape input) {
        if (input.dimension() != 4 || !Shapes.isChannelsLast(input)) {
            throw new IllegalArgumentException(
                    "%s needs (N, R, T, C) with channels last, got %s: set channelsLast of the input, of permute or of reshape"
                            .formatted(layer, input));
        }
    }

    static void requirePairs(String layer, Shape input) {
        require(layer, input);
        if (input.get(1) != input.get(2)) {
            throw new IllegalArgumentException(
                    "%s needs a stream of pairs (N, T, T, C), got %s".formatted(layer, input));
        }
    }

    /** {@return a linear map without a bias} */
    static LinearBlock map(Shape input, long units, Init init) {
        return new LinearBlock(input, Math.toIntExact(units), false, init, Init.ZEROS);
    }

    /** {@return a linear map with LeCun's initialization and a bias, as AlphaFold's default} */
    static LinearBlock map(Shape input, long units) {
        Init init = new InitSpec.LecunNormal().toInit();
        return new LinearBlock(input, Math.toIntExact(units), true, init, Init.ZEROS);
    }

    /** {@return the map of a gate, before the sigmoid, that starts at 1} */
    static LinearBlock gate(Shape input, long units) {
        return new LinearBlock(input, Math.toIntExact(units), true, Init.ZEROS, Init.ONES);
    }

    /** {@return a map that starts at 0} */
    static LinearBlock output(Shape input, long units) {
        return new LinearBlock(input, Math.toIntExact(units), true, Init.ZEROS, Init.ZEROS);
    }

    /** Computes {@code sigmoid(gate(read)) x}. */
    static NDArray gated(ForwardPass pass, Layer gate, NDArray read, NDArray x) {
        return x.mul(gate.forward(pass, read).getNDArrayInternal().sigmoid());
    }

    /** Returns the side inputs of a masked layer, or none. */
    static SideInputs sideInputs(boolean masked) {
        return masked ? SideInputs.NONE.and(SideInput.mask(MASK).asRequired()) : SideInputs.NONE;
    }

    /** Reads the mask of a stream as numbers, {@code (N, R, T)}. */
    static NDArray mask(ForwardPass pass, NDArray x) {
        Shape stream = x.getShape();
        return pass.shared(new Mask(x.getDataType(), stream.get(1), stream.get(2)));
    }

    /** Multiplies each position by its number in the mask. */
    static NDArray masked(ForwardPass pass, NDArray x) {
        return x.mul(mask(pass, x).expandDims(3));
    }

    private record Mask(DataType type, long rows, long columns)
            implements ForwardPass.Shared<NDArray> {
        @Override
        public NDArray make(ForwardPass pass) {
            NDArray mask = pass.sideInput(MASK);
            if (mask == null || !mask.getShape().slice(1).equals(new Shape(rows, columns))) {
                throw new IllegalArgumentException(
                        "a masked layer needs a side input named \"%s\" of shape (N, %d, %d), found %s: name the value in \"with\""
                                .formatted(
                                        MASK,
                                        rows,
                                        columns,
                                        mask == null ? "none" : mask.getShape()));
            }
            return mask.toType(type, false);
        }
    }

    /** {@return a shape with channels last} */
    static Shape shape(long... dims) {
        return Shapes.channelsLast(new Shape(dims));
    }
}
