package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.trait.PadsBySize;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A convolution over sequences {@code (N, T, C) -> (N, T', F)}, images {@code (N, C, H, W) -> (N,
 * F, H', W')} or volumes {@code (N, C, D, H, W) -> (N, F, D', H', W')}. The weights are {@code (F,
 * C / groups)} and the window, as in PyTorch.
 */
public final class ConvolutionBlock extends AffineLayer implements PadsBySize {
    private final Geometry geometry;
    private final Parameter weight;
    private final @Nullable Parameter bias;
    private final @Nullable Standardization standardization;
    private final @Nullable Parameter gain;

    /**
     * Sizes of a convolution. Each shape has one size per axis of positions: {@code (height,
     * width)} for images.
     *
     * @param filters the number of output channels
     * @param kernel the window
     * @param stride the step
     * @param padding zeros around the input
     * @param dilation the distance between the window's elements
     * @param groups the number of channel groups, which are convolved separately
     */
    public record Geometry(
            int filters, Shape kernel, Shape stride, Padding padding, Shape dilation, int groups) {

        /**
         * {@return the shape of the weights}
         *
         * @param first the channels on the first axis
         * @param second the channels on the second axis
         */
        public long[] weights(long first, long second) {
            return new Shape(first, second).addAll(kernel).getShape();
        }

        Geometry withFilters(int others) {
            return new Geometry(others, kernel, stride, padding, dilation, groups);
        }

        /** Returns a window of one position with the same filters and groups. */
        Geometry pointwise() {
            long[] sizes = new long[kernel.dimension()];
            Padding none = Padding.both(new Shape(sizes.clone()));
            Arrays.fill(sizes, 1);
            Shape ones = new Shape(sizes);
            return new Geometry(filters, ones, ones, none, ones, groups);
        }

        /** {@return the settings in one line, such as {@code 64, 7x7, stride 2, padding 3}} */
        public String describe() {
            StringBuilder out = new StringBuilder(filters + ", " + Shapes.allSizes(kernel));
            append(out, "stride", stride, 1);
            if (!(padding instanceof Padding.Sides sides && sides.isNone())) {
                out.append(", padding ").append(padding);
            }
            append(out, "dilation", dilation, 1);
            if (groups > 1) {
                out.append(", groups ").append(groups);
            }
            return out.toString();
        }

        private static void append(StringBuilder out, String name, Shape value, long usual) {
            if (Arrays.stream(value.getShape()).anyMatch(size -> size != usual)) {
                out.append(", ").append(name).append(' ').append(Shapes.sizes(value));
            }
        }

        /** Returns the padding of an input. */
        private Padding.Sides sides(Shape in) {
            long[] reach = kernel.getShape().clone();
            for (int axis = 0; axis < reach.length; axis++) {
                reach[axis] = dilation.get(axis) * (reach[axis] - 1) + 1;
            }
            return padding.sides(Shapes.positions(in), new Shape(reach), stride);
        }

        /**
         * Requires that the groups divide the channels.
         *
         * @param channels the channels of the input
         */
        public void requireGroups(long channels) {
            if (channels % groups != 0 || filters % groups != 0) {
                throw new IllegalArgumentException(
                        String.format(
                                "groups must divide the input's channels and the filters, got %d"
                                        + " groups, %d channels, %d filters",
                                groups, channels, filters));
            }
        }
    }

    /**
     * Standardizes the weight of each filter to mean 0 and variance 1 before it is used (Qiao et
     * al. 2019, arXiv:1903.10520, Equation 3). Scaled standardization also multiplies by {@code
     * gamma / sqrt(fan in)} and a learned gain per filter, so that the variance of the output is
     * that of the input's activation times gamma squared (Brock et al. 2021, arXiv:2101.08692,
     * Equation 2).
     *
     * @param eps added to the variance
     * @param gamma the factor of scaled standardization; 0 for none
     * @param gain the initial gain of scaled standardization
     */
    public record Standardization(double eps, double gamma, Init gain) {

        /** Returns the standardized weight, which belongs to x's manager. */
        private NDArray of(ForwardPass pass, NDArray x, NDArray weight, @Nullable NDArray gain) {
            NDManager manager = x.getManager();
            Shape shape = weight.getShape();
            Shape row = new Shape(Shapes.sampleSize(shape));
            NDArray rows = weight.reshape(shape.get(0), row.size());
            rows.attach(manager);
            NDArray ones = manager.ones(row, weight.getDataType());
            NDArray zeros = manager.zeros(row, weight.getDataType());
            NDArray standard = pass.ops().layerNorm(rows, ones, zeros, (float) eps);
            if (gain == null) {
                return standard.reshape(shape);
            }
            NDArray scaled = pass.ops().mul(standard, gamma / Math.sqrt(row.size()));
            return pass.ops().affine(scaled, 0, gain, null).reshape(shape);
        }
    }

    /**
     * Creates the block.
     *
     * @param input {@code (-1, T, C)}, {@code (-1, C, H, W)} or {@code (-1, C, D, H, W)}
     * @param geometry the sizes
     * @param withBias true to add a bias
     * @param weightInit the initial weights
     * @param biasInit the initial bias
     */
    public ConvolutionBlock(
            Shape input, Geometry geometry, boolean withBias, Init weightInit, Init biasInit) {
        this(input, geometry, withBias, weightInit, biasInit, null);
    }

    /** Creates a block that standardizes its weight, or not if {@code standardization} is null. */
    public ConvolutionBlock(
            Shape input,
            Geometry geometry,
            boolean withBias,
            Init weightInit,
            Init biasInit,
            @Nullable Standardization standardization) {
        super(input);
        int axes = geometry.kernel().dimension();
        requireRank("conv" + axes + "d", input, axes + 2);
        long channels = Shapes.channels(input);
        geometry.requireGroups(channels);
        this.geometry = geometry;
        this.weight =
                parameter(
                        "weight",
                        Parameter.Type.WEIGHT,
                        weightInit,
                        geometry.weights(geometry.filters(), channels / geometry.groups()));
        this.bias =
                withBias
                        ? parameter("bias", Parameter.Type.BIAS, biasInit, geometry.filters())
                        : null;
        this.standardization = standardization;
        this.gain =
                standardization != null && standardization.gamma() != 0
                        ? parameter(
                                "gain",
                                Parameter.Type.OTHER,
                                standardization.gain(),
                                geometry.filters())
                        : null;
        outputShape(); // fails now if the window does not fit
    }

    @Override
    NDArray map(ForwardPass pass, NDArray x, NDArray values, @Nullable NDArray added) {
        Padding.Sides sides = geometry.sides(x.getShape());
        NDArray y = sides.addRest(pass.ops(), Shapes.exchangeSequence(x), 0);
        NDArray convolved =
                y.getNDArrayInternal()
                        .convolution(
                                y,
                                standardization == null
                                        ? values
                                        : standardization.of(
                                                pass, x, values, pass.valueOrNull(gain)),
                                added,
                                geometry.stride(),
                                sides.common(),
                                geometry.dilation(),
                                geometry.groups())
                        .head();
        return Shapes.exchangeSequence(convolved);
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
        return geometry.groups();
    }

    @Override
    AffineLayer down(int rank, Init init) {
        if (standardization != null) {
            throw new IllegalArgumentException(
                    "a low-rank branch needs a weight that is used as it is, but "
                            + describe()
                            + " standardizes it");
        }
        return new ConvolutionBlock(
                inputShape(), geometry.withFilters(rank), false, init, Init.ZEROS);
    }

    @Override
    AffineLayer up(Shape input, Init init) {
        return new ConvolutionBlock(input, geometry.pointwise(), false, init, Init.ZEROS);
    }

    @Override
    public boolean padsBySize() {
        return geometry.padding().dependsOnSize(geometry.stride());
    }

    @Override
    public Shape outputShape(Shape in) {
        int first = Shapes.positionAxis(in);
        Padding.Sides sides = geometry.sides(in);
        Shape positions =
                Shapes.withPositions(
                        in,
                        i ->
                                Shapes.window(
                                        in.get(first + i),
                                        geometry.kernel().get(i),
                                        geometry.stride().get(i),
                                        sides.before().get(i),
                                        sides.after().get(i),
                                        geometry.dilation().get(i)));
        return Shapes.withChannels(positions, geometry.filters());
    }

    @Override
    public long macs(Shape in) {
        long window = Shapes.sampleSize(weight.getShape());
        return Shapes.product(Shapes.size(outputShape(in)), window);
    }

    @Override
    public String describe() {
        return "Conv%dd(%s%s%s)"
                .formatted(
                        geometry.kernel().dimension(),
                        geometry.describe(),
                        standardization == null ? "" : gain == null ? ", standardized" : ", scaled",
                        bias == null ? "" : ", bias");
    }
}
