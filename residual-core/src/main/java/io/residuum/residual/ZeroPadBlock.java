package io.residuum.residual;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The shortcut without parameters (He et al. 2015, option A): reads every stride-th position and
 * adds channels of zeros. {@code (N, C, H, W) -> (N, F, H', W')}, {@code (N, T, C) -> (N, T', F)}
 * or {@code (N, C) -> (N, F)}.
 */
final class ZeroPadBlock extends Layer {
    private final long channels;
    private final Shape stride;
    private final boolean allAfter;
    private final NDIndex subsample;

    /**
     * Creates the block.
     *
     * @param input any shape with channels
     * @param channels the number of output channels, at least the input's
     * @param stride the step on each axis of positions: {@code (height, width)} for images
     * @param allAfter true to add all new channels after the old ones, false for half before and
     *     half after
     */
    public ZeroPadBlock(Shape input, long channels, Shape stride, boolean allAfter) {
        super(input);
        if (channels < Shapes.channels(input)) {
            throw new IllegalArgumentException(
                    "a zero-padded shortcut must keep all %d channels, got %d; use a projection"
                            .formatted(Shapes.channels(input), channels));
        }
        this.channels = channels;
        this.stride = stride;
        this.allAfter = allAfter;
        String steps =
                Arrays.stream(stride.getShape())
                        .mapToObj(step -> ",::" + step)
                        .collect(Collectors.joining());
        this.subsample = new NDIndex((Shapes.positionAxis(input) == 1 ? ":" : ":,:") + steps);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray y = stride.size() == 1 ? x : x.get(subsample);
        long added = channels - Shapes.channels(inputShape());
        long before = allAfter ? 0 : added / 2;
        NDList parts = new NDList(3);
        addZeros(parts, y, before);
        parts.add(y);
        addZeros(parts, y, added - before);
        return added == 0 ? y : NDArrays.concat(parts, Shapes.channelAxis(inputShape()));
    }

    private static void addZeros(NDList parts, NDArray like, long channels) {
        if (channels > 0) {
            Shape shape = Shapes.withChannels(like.getShape(), channels);
            parts.add(like.getManager().zeros(shape, like.getDataType()));
        }
    }

    @Override
    public Shape outputShape(Shape in) {
        Shape wide = Shapes.withChannels(in, channels);
        int first = Shapes.positionAxis(in);
        return Shapes.withPositions(wide, i -> (in.get(first + i) - 1) / stride.get(i) + 1);
    }

    @Override
    public String describe() {
        long step = stride.dimension() == 0 ? 1 : stride.get(0);
        return "ZeroPad(" + channels + ", stride " + step + ")";
    }
}
