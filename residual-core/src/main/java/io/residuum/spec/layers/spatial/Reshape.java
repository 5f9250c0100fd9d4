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

    /** Reshapes each sample: {@code (N, ...) -> (N, shape)}. */
    private static final class ReshapeBlock extends Layer {
        private final Shape shape;
        private final boolean channelsLast;

        ReshapeBlock(Shape input, Shape shape, boolean channelsLast) {
            super(input);
            this.shape = shape;
            this.channelsLast = channelsLast;
            outputShape(); // fails now if the number of elements differs
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            return x.reshape(new Shape(-1).addAll(outputShape(x.getShape()).slice(1)));
        }

        @Override
        public Shape outputShape(Shape in) {
            long[] dims = new Shape(in.get(0)).addAll(shape).getShape();
            long known = 1;
            int open = -1;
            for (int i = 1; i < dims.length; i++) {
                open = dims[i] == -1 ? i : open;
                known = Shapes.product(known, Math.abs(dims[i]));
            }
            long elements = Shapes.sampleSize(in);
            if (open > 0 ? elements % known != 0 : elements != known) {
                throw new IllegalArgumentException(
                        "reshape must keep the %d elements of a sample, got %s to %s"
                                .formatted(elements, in.slice(1), shape));
            }
            if (open > 0) {
                dims[open] = elements / known;
            }
            Shape out = new Shape(dims);
            return Shapes.moved(in, channelsLast ? Shapes.channelsLast(out) : out);
        }

        @Override
        public long activations(Shape in) {
            return 0;
        }

        @Override
        public String describe() {
            return "Reshape(" + shape + ")";
        }
    }
}
