package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import java.util.List;

/**
 * Reshapes each sample: {@code (N, ...) -> (N, shape)}.
 *
 * @param shape shape of one sample; one size may be -1, and follows from the others
 * @param channelsLast true if the last axis of the output has the channels, also for four or five
 *     axes, which are images or volumes otherwise. Default: false
 */
@TypeName("reshape")
public record Reshape(
        @Default("\"\"") String name, List<Integer> shape, @Default("false") boolean channelsLast)
        implements LayerSpec {
    public Reshape {
        shape = List.copyOf(shape);
        Check.that(
                !shape.isEmpty()
                        && shape.stream().allMatch(size -> size > 0 || size == -1)
                        && shape.stream().filter(size -> size == -1).count() <= 1,
                "shape must be positive numbers and at most one -1, got %s",
                shape);
    }

    /**
     * Creates a change to images, volumes or fewer axes.
     *
     * @param name its name; may be empty
     * @param shape shape of one sample; one size may be -1
     */
    public Reshape(String name, List<Integer> shape) {
        this(name, shape, false);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new ReshapeBlock(
                input, new Shape(shape.stream().mapToLong(size -> size).toArray()), channelsLast);
    }
}
