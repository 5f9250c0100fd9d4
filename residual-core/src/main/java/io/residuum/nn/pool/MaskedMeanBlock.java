package io.residuum.nn.pool;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.SideInput;
import io.residuum.nn.SideInputs;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Computes the mean over the unmasked positions of each sequence, {@code (N, T, C) -> (N, C)}.
 * Without a mask it averages all positions. A sequence without an unmasked position gives zeros.
 */
public final class MaskedMeanBlock extends Layer {

    /** The name of the side input {@code (N, T)}: 1 for a position that counts, else 0. */
    public static final String MASK = "mask";

    /**
     * Creates the block.
     *
     * @param input {@code (-1, T, C)}
     */
    public MaskedMeanBlock(Shape input) {
        super(input);
        requireRank("a masked mean", input, 3);
    }

    /** The weight of each position, {@code (N, 1, T)}. */
    private record Weights(DataType type) implements ForwardPass.Shared<NDArray> {
        @Override
        public NDArray make(ForwardPass pass) {
            NDArray mask = Objects.requireNonNull(pass.sideInput(MASK));
            NDArray open = mask.toType(type, false).expandDims(1);
            return open.div(pass.ops().maximum(open.sum(new int[] {2}, true), 1));
        }
    }

    /**
     * Reads the mask of positions, and requires one number for each.
     *
     * @param layer the layer's name in the message
     * @param x {@code (N, T, ...)}
     * @return {@code (N, T)}, or null if there is none
     * @throws IllegalArgumentException if it has another shape
     */
    public static @Nullable NDArray mask(ForwardPass pass, String layer, NDArray x) {
        NDArray mask = pass.sideInput(MASK);
        Shape expected = x.getShape().slice(0, 2);
        if (mask != null && !mask.getShape().equals(expected)) {
            throw new IllegalArgumentException(
                    "the side input \"%s\" of %s must be %s, got %s"
                            .formatted(MASK, layer, expected, mask.getShape()));
        }
        return mask;
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        if (mask(pass, "a masked mean", x) == null) {
            return x.mean(new int[] {1});
        }
        Shape s = x.getShape();
        // A matrix product, because MXNet's reductions are slow.
        NDArray weights = pass.shared(new Weights(x.getDataType()));
        return pass.ops().batchedProduct(weights, x).reshape(s.get(0), s.get(2));
    }

    @Override
    public SideInputs sideInputs() {
        return SideInputs.NONE.and(SideInput.mask(MASK, "attention_mask"));
    }

    @Override
    public Shape outputShape(Shape in) {
        return new Shape(in.get(0), in.get(2));
    }
}
