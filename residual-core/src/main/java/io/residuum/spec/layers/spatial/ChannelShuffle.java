package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import java.util.stream.IntStream;

/**
 * Interleaves the channels of groups (Zhang et al. 2018, ShuffleNet, arXiv:1707.01083, Section
 * 3.1).
 *
 * @param groups number of groups, a divisor of the channels
 */
@TypeName("channelShuffle")
public record ChannelShuffle(@Default("\"\"") String name, int groups) implements LayerSpec {
    public ChannelShuffle {
        Check.positive("groups", groups);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new ChannelShuffleBlock(input);
    }

    /**
     * Interleaves the channels of groups (Zhang et al. 2018, ShuffleNet, arXiv:1707.01083, Section
     * 3.1). Keeps the shape.
     */
    private final class ChannelShuffleBlock extends Layer {
        ChannelShuffleBlock(Shape input) {
            super(input);
            if (Shapes.channels(input) % groups != 0) {
                throw new IllegalArgumentException(
                        "groups must divide the channels, got %d groups of %d channels"
                                .formatted(groups, Shapes.channels(input)));
            }
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            Shape shape = x.getShape();
            int axis = Shapes.channelAxis(inputShape());
            Shape grouped =
                    new Shape(-1)
                            .addAll(shape.slice(1, axis))
                            .add(groups, shape.get(axis) / groups)
                            .addAll(shape.slice(axis + 1));
            int[] order = IntStream.range(0, grouped.dimension()).toArray();
            order[axis] = axis + 1;
            order[axis + 1] = axis;
            return x.reshape(grouped)
                    .transpose(order)
                    .reshape(new Shape(-1).addAll(shape.slice(1)));
        }

        @Override
        public String describe() {
            return "ChannelShuffle(" + groups + ")";
        }
    }
}
