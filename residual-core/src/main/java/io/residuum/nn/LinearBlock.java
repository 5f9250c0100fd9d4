package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.trait.PositionWise;
import org.jspecify.annotations.Nullable;

/**
 * An affine map of the last axis, {@code (N, ..., C) -> (N, ..., units)}, with a weight {@code
 * (units, C)}.
 */
public final class LinearBlock extends AffineLayer implements PositionWise {
    private final int units;
    private final Parameter weight;
    private final @Nullable Parameter bias;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, ..., C)}
     * @param units the width of the output
     * @param withBias true to add a bias
     * @param weightInit the initial weights
     * @param biasInit the initial bias
     */
    public LinearBlock(Shape input, int units, boolean withBias, Init weightInit, Init biasInit) {
        super(input);
        Shapes.requireFloats("linear", input);
        if (input.dimension() < 2 || Shapes.isSpatial(input)) {
            throw new IllegalArgumentException(
                    "linear needs (N, C), (N, T, C) or channels last, got "
                            + input
                            + "; pool or flatten it first");
        }
        this.units = units;
        long width = input.get(input.dimension() - 1);
        this.weight = parameter("weight", Parameter.Type.WEIGHT, weightInit, units, width);
        this.bias = withBias ? parameter("bias", Parameter.Type.BIAS, biasInit, units) : null;
    }

    @Override
    NDArray map(ForwardPass pass, NDArray x, NDArray values, @Nullable NDArray added) {
        return x.getNDArrayInternal().linear(x, values, added).head();
    }

    @Override
    public Parameter weight() {
        return weight;
    }

    @Override
    @Nullable Parameter bias() {
        return bias;
    }

    @Override
    public int groups() {
        return 1;
    }

    @Override
    AffineLayer down(int rank, Init init) {
        return new LinearBlock(inputShape(), rank, false, init, Init.ZEROS);
    }

    @Override
    AffineLayer up(Shape input, Init init) {
        return new LinearBlock(input, units, false, init, Init.ZEROS);
    }

    @Override
    public Shape outputShape(Shape in) {
        return Shapes.withLast(in, units);
    }

    @Override
    public long macs(Shape in) {
        return Shapes.product(Shapes.size(in), units);
    }

    @Override
    public String describe() {
        return "Linear(" + units + (bias == null ? ", no bias)" : ")");
    }
}
