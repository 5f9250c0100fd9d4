package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;

/**
 * Moves channels to pixels, {@code (N, C r r, H, W) -> (N, C, H r, W r)} (Shi et al. 2016,
 * arXiv:1609.05158, Equation 4), or back.
 */
final class PixelShuffleBlock extends Layer {
    private final int factor;
    private final boolean back;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, C, H, W)}
     * @param factor the factor r of height and width
     * @param back true to move pixels to channels
     */
    PixelShuffleBlock(Shape input, int factor, boolean back) {
        super(input);
        requireRank("pixel shuffle", input, 4);
        this.factor = factor;
        this.back = back;
        outputShape(); // fails now if the factor does not divide
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        Shape out = outputShape(x.getShape());
        long c = back ? x.getShape().get(1) : out.get(1);
        long h = back ? out.get(2) : x.getShape().get(2);
        long w = back ? out.get(3) : x.getShape().get(3);
        NDArray moved =
                back
                        ? x.reshape(-1, c, h, factor, w, factor).transpose(0, 1, 3, 5, 2, 4)
                        : x.reshape(-1, c, factor, factor, h, w).transpose(0, 1, 4, 2, 5, 3);
        return moved.reshape(-1, out.get(1), out.get(2), out.get(3));
    }

    @Override
    public Shape outputShape(Shape in) {
        long area = (long) factor * factor;
        return back
                ? new Shape(
                        in.get(0),
                        in.get(1) * area,
                        divided("height", in.get(2), factor),
                        divided("width", in.get(3), factor))
                : new Shape(
                        in.get(0),
                        divided("channels", in.get(1), area),
                        in.get(2) * factor,
                        in.get(3) * factor);
    }

    private static long divided(String what, long size, long divisor) {
        if (size % divisor != 0) {
            throw new IllegalArgumentException(
                    "%s must be a multiple of %d, got %d".formatted(what, divisor, size));
        }
        return size / divisor;
    }

    @Override
    public String describe() {
        return (back ? "PixelUnshuffle(" : "PixelShuffle(") + factor + ")";
    }
}
