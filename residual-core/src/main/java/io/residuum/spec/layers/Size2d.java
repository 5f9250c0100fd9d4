package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Padding;
import io.residuum.spec.Check;
import io.residuum.spec.Shorthand;
import java.util.List;

/**
 * A height and a width, for kernels, strides and padding. In JSON it is one number for both, or
 * {@code [height, width]}.
 *
 * @param height along the rows
 * @param width along the columns
 */
public record Size2d(int height, int width) implements Padding2d {

    /**
     * {@return a square}
     *
     * @param size height and width
     */
    @Shorthand
    public static Size2d of(int size) {
        return new Size2d(size, size);
    }

    /**
     * {@return a height and a width}
     *
     * @param sizes two numbers
     */
    @Shorthand
    public static Size2d of(List<Integer> sizes) {
        Check.that(sizes.size() == 2, "a size must be a number or [height, width], got %s", sizes);
        return new Size2d(sizes.get(0), sizes.get(1));
    }

    @Override
    public Padding.Sides toPadding() {
        requireAtLeast("padding", 0);
        return Padding.both(toShape());
    }

    /** {@return {@code (height, width)}} */
    public Shape toShape() {
        return new Shape(height, width);
    }

    /**
     * Requires sizes of a least value.
     *
     * @param name the component's name in the message
     * @param least the least value
     */
    public void requireAtLeast(String name, int least) {
        Check.that(
                height >= least && width >= least,
                "%s must be %s or more, got %s",
                name,
                least,
                height == width ? Integer.toString(height) : List.of(height, width));
    }
}
