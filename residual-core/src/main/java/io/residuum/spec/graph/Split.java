package io.residuum.spec.graph;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Shorthand;
import io.residuum.spec.TypeName;
import java.util.Collections;
import java.util.List;
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
}
