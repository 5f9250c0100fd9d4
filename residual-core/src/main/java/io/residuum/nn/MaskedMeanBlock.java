package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Objects;

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

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray mask = pass.sideInput(MASK);
        Shape s = x.getShape();
        if (mask == null) {
            return x.mean(new int[] {1});
        }
        if (!mask.getShape().equals(new Shape(s.get(0), s.get(1)))) {
            throw new IllegalArgumentException(
                    String.format(
                            "the side input \"%s\" of a masked mean must be (%d, %d), got %s",
                            MASK, s.get(0), s.get(1), mask.getShape()));
        }
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

    @Override
    public String describe() {
        return "MaskedMean";
    }
}
