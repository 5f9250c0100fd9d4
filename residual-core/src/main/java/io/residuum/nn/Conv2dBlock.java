package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.trait.CountsMacs;
import org.jspecify.annotations.Nullable;

/** A two-dimensional convolution, {@code (N, C, H, W) -> (N, F, H', W')}, with OIHW weights. */
public final class Conv2dBlock extends Layer implements CountsMacs {
    private final Geometry geometry;
    private final Parameter weight;
    private final @Nullable Parameter bias;

    /**
     * Sizes of a convolution. Each shape is {@code (height, width)}.
     *
     * @param filters the number of output channels
     * @param kernel the window
     * @param stride the step
     * @param padding zeros on each side
     * @param dilation the distance between the window's elements
     * @param groups the number of channel groups, which are convolved separately
     */
    public record Geometry(
            int filters, Shape kernel, Shape stride, Shape padding, Shape dilation, int groups) {}

    /**
     * Creates the block.
     *
     * @param input {@code (-1, C, H, W)}
     * @param geometry the sizes
     * @param withBias true to add a bias
     * @param weightInit the initial weights
     * @param biasInit the initial bias
     */
    public Conv2dBlock(
            Shape input, Geometry geometry, boolean withBias, Init weightInit, Init biasInit) {
        super(input);
        requireRank("conv2d", input, 4);
        long channels = input.get(1);
        if (channels % geometry.groups() != 0 || geometry.filters() % geometry.groups() != 0) {
            throw new IllegalArgumentException(
                    String.format(
                            "groups must divide the input's channels and the filters, got %d"
                                    + " groups, %d channels, %d filters",
                            geometry.groups(), channels, geometry.filters()));
        }
        this.geometry = geometry;
        this.weight =
                parameter(
                        "weight",
                        Parameter.Type.WEIGHT,
                        weightInit,
                        geometry.filters(),
                        channels / geometry.groups(),
                        geometry.kernel().get(0),
                        geometry.kernel().get(1));
        this.bias =
                withBias
                        ? parameter("bias", Parameter.Type.BIAS, biasInit, geometry.filters())
                        : null;
        outputShape(); // fails now if the window does not fit
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        return x.getNDArrayInternal()
                .convolution(
                        x,
                        pass.value(weight),
                        pass.valueOrNull(bias),
                        geometry.stride(),
                        geometry.padding(),
                        geometry.dilation(),
                        geometry.groups())
                .head();
    }

    @Override
    public Shape outputShape(Shape in) {
        return new Shape(in.get(0), geometry.filters(), positions(in, 0), positions(in, 1));
    }

    private long positions(Shape in, int axis) {
        return Shapes.window(
                in.get(2 + axis),
                geometry.kernel().get(axis),
                geometry.stride().get(axis),
                geometry.padding().get(axis),
                geometry.dilation().get(axis));
    }

    @Override
    public long macs(Shape in) {
        long window = Shapes.sampleSize(weight.getShape());
        return Shapes.product(Shapes.size(outputShape(in)), window);
    }

    @Override
    public String describe() {
        Geometry g = geometry;
        StringBuilder out =
                new StringBuilder("Conv2d(" + g.filters() + ", " + pair(g.kernel(), true));
        append(out, "stride", g.stride(), 1);
        append(out, "padding", g.padding(), 0);
        append(out, "dilation", g.dilation(), 1);
        if (g.groups() > 1) {
            out.append(", groups ").append(g.groups());
        }
        return out.append(bias == null ? ")" : ", bias)").toString();
    }

    private static void append(StringBuilder out, String name, Shape value, long usual) {
        if (value.get(0) != usual || value.get(1) != usual) {
            out.append(", ").append(name).append(' ').append(pair(value, false));
        }
    }

    private static String pair(Shape p, boolean always) {
        return p.get(0) == p.get(1) && !always ? "" + p.get(0) : p.get(0) + "x" + p.get(1);
    }
}
