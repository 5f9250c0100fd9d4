package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

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
        return new ChannelShuffleBlock(input, groups);
    }
}
