package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * Selects a range of channels.
 *
 * @param begin first channel. Default: 0
 * @param end channel after the last one; at most the number of channels
 */
@TypeName("channelSlice")
public record ChannelSlice(@Default("\"\"") String name, @Default("0") int begin, int end)
        implements LayerSpec {
    public ChannelSlice {
        Check.notNegative("begin", begin);
        Check.that(end > begin, "end must be larger than begin, got %s and %s", end, begin);
    }

    @Override
    public Layer newBlock(Shape input) {
        long channels = Shapes.channels(input);
        Check.that(end <= channels, "end must be at most the %s channels, got %s", channels, end);
        long[] before = new long[Shapes.channelAxis(input)];
        long[] after = before.clone();
        before[before.length - 1] = begin;
        after[after.length - 1] = channels - end;
        return new SliceBlock(input, "ChannelSlice", new Shape(before), new Shape(after));
    }
}
