package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.trait.CountsMacs;
import io.residuum.nn.trait.PadsBySize;
import org.jspecify.annotations.Nullable;

/** A two-dimensional convolution, {@code (N, C, H, W) -> (N, F, H', W')}, with OIHW weights. */
public final class Conv2dBlock extends Layer implements CountsMacs, PadsBySize {
    private final Geometry geometry;
    private final Parameter weight;
    private final @Nullable Parameter bias;
    private final @Nullable Standardization standardization;

    /**
     * Sizes of a convolution. Each shape is {@code (height, width)}.
     *
     * @param filters the number of output channels
     * @param kernel the window
     * @param stride the step
     * @param padding zeros around the image
     * @param dilation the distance between the window's elements
     * @param groups the number of channel groups, which are convolved separately
     */
    public record Geometry(
            int filters, Shape kernel, Shape stride, Padding padding, Shape dilation, int groups) {

        private Padding.Sides sides(Shape image) {
            return padding.sides(image, new Shape(reach(0), reach(1)), stride);
        }

        private long reach(int axis) {
            return dilation.get(axis) * (kernel.get(axis) - 1) + 1;
        }
    }

    /**
     * Standardizes the weight of each filter to mean 0 and variance 1 before it is used (Qiao et
     * al. 2019, arXiv:1903.10520, Equation 3).
     *
     * @param eps added to the variance
     */
    public record Standardization(double eps) {

        /** Returns the standardized weight, which belongs to x's manager. */
        private NDArray of(ForwardPass pass, NDArray x, NDArray weight) {
            NDManager manager = x.getManager();
            Shape shape = weight.getShape();
            Shape row = new Shape(Shapes.sampleSize(shape));
            NDArray rows = weight.reshape(shape.get(0), row.size());
            rows.attach(manager);
            NDArray ones = manager.ones(row, weight.getDataType());
            NDArray zeros = manager.zeros(row, weight.getDataType());
            return pass.ops().layerNorm(rows, ones, zeros, (float) eps).reshape(shape);
        }
    }

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
        this(input, geometry, withBias, weightInit, biasInit, null);
    }

    /** Creates a block that standardizes its weight, or not if {@code standardization} is null. */
    public Conv2dBlock(
            Shape input,
            Geometry geometry,
            boolean withBias,
            Init weightInit,
            Init biasInit,
            @Nullable Standardization standardization) {
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
        this.standardization = standardization;
        outputShape(); // fails now if the window does not fit
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        Padding.Sides sides = geometry.sides(x.getShape());
        NDArray padded = sides.addRest(pass.ops(), x, 0);
        NDArray values = pass.value(weight);
        return padded.getNDArrayInternal()
                .convolution(
                        padded,
                        standardization == null ? values : standardization.of(pass, x, values),
                        pass.valueOrNull(bias),
                        geometry.stride(),
                        sides.common(),
                        geometry.dilation(),
                        geometry.groups())
                .head();
    }

    @Override
    public boolean padsBySize() {
        return geometry.padding().dependsOnSize(geometry.stride());
    }

    @Override
    public Shape outputShape(Shape in) {
        return new Shape(in.get(0), geometry.filters(), positions(in, 0), positions(in, 1));
    }

    private long positions(Shape in, int axis) {
        Padding.Sides sides = geometry.sides(in);
        return Shapes.window(
                in.get(2 + axis),
                geometry.kernel().get(axis),
                geometry.stride().get(axis),
                sides.before(axis),
                sides.after(axis),
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
        if (!g.padding().equals(Padding.NONE)) {
            out.append(", padding ").append(g.padding());
        }
        append(out, "dilation", g.dilation(), 1);
        if (g.groups() > 1) {
            out.append(", groups ").append(g.groups());
        }
        out.append(standardization == null ? "" : ", standardized");
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
