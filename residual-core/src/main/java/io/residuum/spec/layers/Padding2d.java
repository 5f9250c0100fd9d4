package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Padding;
import io.residuum.spec.Check;
import io.residuum.spec.Shorthand;
import io.residuum.spec.TypeName;
import java.util.List;

/**
 * Padding of images. In JSON it is one number for all sides, {@code [height, width]}, {@code [top,
 * bottom, left, right]} or {@code "same"}.
 */
public sealed interface Padding2d permits Size2d, Padding2d.Sides, Padding2d.Same {

    /** TensorFlow's SAME. */
    Padding2d SAME = new Same();

    /**
     * {@return equal padding at all sides}
     *
     * @param size positions at each side
     */
    @Shorthand
    static Padding2d of(int size) {
        return Size2d.of(size);
    }

    /**
     * {@return padding of two or four sizes}
     *
     * @param sizes height and width, or top, bottom, left and right
     */
    @Shorthand
    static Padding2d of(List<Integer> sizes) {
        Check.that(
                sizes.size() == 2 || sizes.size() == 4,
                "padding must be a number, [height, width], [top, bottom, left, right] or \"same\","
                        + " got %s",
                sizes);
        return sizes.size() == 2
                ? Size2d.of(sizes)
                : new Sides(sizes.get(0), sizes.get(1), sizes.get(2), sizes.get(3));
    }

    /** {@return this padding for a layer} */
    Padding toPadding();

    /**
     * Separate padding at each side.
     *
     * @param top rows before the first
     * @param bottom rows after the last
     * @param left columns before the first
     * @param right columns after the last
     */
    @TypeName("sides")
    record Sides(int top, int bottom, int left, int right) implements Padding2d {
        public Sides {
            Check.notNegative("top", top);
            Check.notNegative("bottom", bottom);
            Check.notNegative("left", left);
            Check.notNegative("right", right);
        }

        @Override
        public Padding.Sides toPadding() {
            return new Padding.Sides(new Shape(top, left), new Shape(bottom, right));
        }
    }

    /**
     * As much as gives size / stride windows, rounded up: half on each side, and an odd position at
     * the bottom or right. This is TensorFlow's SAME.
     */
    @TypeName("same")
    record Same() implements Padding2d {
        @Override
        public Padding toPadding() {
            return new Padding.Same();
        }
    }
}
