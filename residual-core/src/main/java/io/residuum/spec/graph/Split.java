package io.residuum.spec.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.MultiLayer;
import io.residuum.nn.Shapes;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Shorthand;
import io.residuum.spec.TypeName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Splits the input along an axis. {@code to} names the parts.
 *
 * @param name its name. Default: empty
 * @param parts the number of equal parts, or the size of each
 * @param axis the axis, where the batch is 0; null for the channels. Default: null
 */
@TypeName("split")
public record Split(@Default("\"\"") String name, Parts parts, @Nullable Integer axis)
        implements LayerSpec {

    /**
     * The parts of a split. In JSON a number or an array of sizes.
     *
     * @param count the number of parts, 2 or more
     * @param sizes the size of each; empty if they are equal. Default: empty
     */
    public record Parts(int count, @Default("[]") List<Integer> sizes) {
        public Parts {
            sizes = List.copyOf(sizes);
            Check.that(count >= 2, "parts must be 2 or more, got %s", count);
            Check.that(
                    sizes.isEmpty() || sizes.size() == count && sizes.stream().allMatch(s -> s > 0),
                    "parts must have %s positive sizes, got %s",
                    count,
                    sizes);
        }

        /**
         * {@return equal parts}
         *
         * @param count their number
         */
        @Shorthand
        public static Parts equal(int count) {
            return new Parts(count, List.of());
        }

        /**
         * {@return parts of given sizes}
         *
         * @param sizes the sizes, in order
         */
        @Shorthand
        public static Parts of(List<Integer> sizes) {
            return new Parts(sizes.size(), sizes);
        }
    }

    @Override
    public Layer newBlock(Shape input) {
        int along = axis == null ? Shapes.channelAxis(input) : axis;
        return new SplitBlock(input, along, sizes(input, along));
    }

    private List<Integer> sizes(Shape input, int along) {
        if (!parts.sizes().isEmpty()) {
            return parts.sizes();
        }
        Shapes.requireAxis(along, input);
        long size = input.get(along);
        Check.that(
                size % parts.count() == 0,
                "parts must divide the %s of axis %s of %s, got %s: give the sizes as an array",
                size,
                along,
                input,
                parts.count());
        return Collections.nCopies(parts.count(), Math.toIntExact(size / parts.count()));
    }

    /**
     * Splits the input along an axis. The outputs have the names {@code 0}, {@code 1}, and so on.
     */
    private static final class SplitBlock extends MultiLayer {
        private final int axis;
        private final List<Integer> sizes;

        SplitBlock(Shape input, int axis, List<Integer> sizes) {
            super(List.of(input));
            this.axis = axis;
            this.sizes = List.copyOf(sizes);
            outputShapes(inputShapes());
        }

        @Override
        protected NDList computeAll(ForwardPass pass, NDList in) {
            NDArray x = in.singletonOrThrow();
            NDList parts = new NDList(sizes.size());
            int begin = 0;
            for (int size : sizes) {
                parts.add(pass.ops().slice(x, axis, begin, begin + size));
                begin += size;
            }
            return parts;
        }

        @Override
        public List<Shape> outputShapes(List<Shape> in) {
            Shape shape = in.get(0);
            Shapes.requireAxis(axis, shape);
            long sum = sizes.stream().mapToLong(Integer::longValue).sum();
            if (sum != shape.get(axis)) {
                throw new IllegalArgumentException(
                        "sizes must add up to the %d of axis %d of %s, got %s with the sum %d"
                                .formatted(shape.get(axis), axis, shape, sizes, sum));
            }
            List<Shape> parts = new ArrayList<>();
            for (int size : sizes) {
                long[] dims = shape.getShape().clone();
                dims[axis] = size;
                parts.add(Shapes.inOrderOf(shape, dims));
            }
            return parts;
        }

        @Override
        public List<String> outputNames() {
            return IntStream.range(0, sizes.size()).mapToObj(Integer::toString).toList();
        }

        @Override
        public String describe() {
            return "Split(axis " + axis + ", " + sizes + ")";
        }
    }
}
