package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.engine.TransposedWindow;
import io.residuum.nn.ConvolutionBlock;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.Padding;
import io.residuum.nn.Shapes;
import io.residuum.nn.trait.CountsMacs;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A transposed convolution (Zeiler et al. 2010) over sequences {@code (N, T, C) -> (N, T', F)},
 * images {@code (N, C, H, W) -> (N, F, H', W')} or volumes. The weights are {@code (C, F / groups)}
 * and the window, as in PyTorch.
 */
final class TransposedConvolutionBlock extends Layer implements CountsMacs {
    private final ConvolutionBlock.Geometry geometry;
    private final TransposedWindow window;
    private final Parameter weight;
    private final @Nullable Parameter bias;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, T, C)}, {@code (-1, C, H, W)} or {@code (-1, C, D, H, W)}
     * @param geometry the sizes of the convolution that this one transposes; {@code filters} are
     *     this layer's output channels
     * @param outputPadding positions added at the end of each axis, fewer than the stride
     * @param withBias true to add a bias, initially 0
     * @param init the initial weights
     */
    TransposedConvolutionBlock(
            Shape input,
            ConvolutionBlock.Geometry geometry,
            Shape outputPadding,
            boolean withBias,
            Init init) {
        super(input);
        int axes = geometry.kernel().dimension();
        requireRank("convTranspose" + axes + "d", input, axes + 2);
        long channels = Shapes.channels(input);
        geometry.requireGroups(channels);
        this.geometry = geometry;
        this.window =
                new TransposedWindow(
                        geometry.stride(),
                        padding(geometry.padding()),
                        outputPadding,
                        geometry.dilation(),
                        geometry.groups());
        this.weight =
                parameter(
                        "weight",
                        Parameter.Type.WEIGHT,
                        init,
                        geometry.weights(channels, geometry.filters() / geometry.groups()));
        this.bias =
                withBias
                        ? parameter("bias", Parameter.Type.BIAS, Init.ZEROS, geometry.filters())
                        : null;
        outputShape(); // fails now if the padding removes everything
    }

    private static Shape padding(Padding padding) {
        if (padding instanceof Padding.Sides sides && sides.isSymmetric()) {
            return sides.common();
        }
        throw new IllegalArgumentException(
                "a transposed convolution needs equal padding on both sides, got " + padding);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray y =
                pass.ops()
                        .transposedConvolution(
                                Shapes.exchangeSequence(x),
                                pass.value(weight),
                                pass.valueOrNull(bias),
                                window);
        return Shapes.exchangeSequence(y);
    }

    @Override
    public Shape outputShape(Shape in) {
        int first = Shapes.positionAxis(in);
        Shape positions = Shapes.withPositions(in, i -> size(in.get(first + i), i));
        return Shapes.withChannels(positions, geometry.filters());
    }

    private long size(long in, int axis) {
        long size = window.size(in, geometry.kernel().get(axis), axis);
        if (size < 1) {
            throw new IllegalArgumentException(
                    "padding must leave one position or more, got padding %d for %d positions: use less padding"
                            .formatted(window.padding().get(axis), in));
        }
        return size;
    }

    @Override
    public long macs(Shape in) {
        return Shapes.product(Shapes.size(in), Shapes.sampleSize(weight.getShape()));
    }

    @Override
    public String describe() {
        long[] added = window.outputPadding().getShape();
        boolean plain = Arrays.stream(added).allMatch(size -> size == 0);
        return "ConvTranspose%dd(%s%s%s)"
                .formatted(
                        geometry.kernel().dimension(),
                        geometry.describe(),
                        plain ? "" : ", output padding " + Arrays.toString(added),
                        bias == null ? "" : ", bias");
    }
}
