package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.spatial.PermuteBlock;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Permutes the axes of each sample: {@code [3, 1, 2]} makes {@code (N, C, H, W)} of {@code (N, H,
 * W, C)}.
 *
 * @param order input axis of each output axis, without the batch; axis 1 follows the batch
 * @param channelsLast true if the last axis of the output has the channels, also for four or five
 *     axes, which are images or volumes otherwise. Default: false
 */
@TypeName("permute")
public record Permute(
        @Default("\"\"") String name, List<Integer> order, @Default("false") boolean channelsLast)
        implements LayerSpec {
    public Permute {
        order = List.copyOf(order);
        Check.that(
                !order.isEmpty()
                        && order.stream()
                                .sorted()
                                .toList()
                                .equals(IntStream.rangeClosed(1, order.size()).boxed().toList()),
                "order must have the axes 1 to %s once each, got %s",
                order.size(),
                order);
    }

    /**
     * Creates a permutation to images, volumes or fewer axes.
     *
     * @param name its name; may be empty
     * @param order input axis of each output axis, without the batch
     */
    public Permute(String name, List<Integer> order) {
        this(name, order, false);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new PermuteBlock(
                input,
                channelsLast,
                IntStream.concat(IntStream.of(0), order.stream().mapToInt(axis -> axis)).toArray());
    }
}
