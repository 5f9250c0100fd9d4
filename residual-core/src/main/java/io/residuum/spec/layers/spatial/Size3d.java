package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.types.Shape;
import io.residuum.spec.Check;
import io.residuum.spec.Shorthand;
import java.util.List;

/**
 * A depth, a height and a width, for kernels, strides and padding of volumes. In JSON it is one
 * number for all, or {@code [depth, height, width]}.
 *
 * @param depth along the slices
 * @param height along the rows
 * @param width along the columns
 */
public record Size3d(int depth, int height, int width) {

    /**
     * {@return a cube}
     *
     * @param size depth, height and width
     */
    @Shorthand
    public static Size3d of(int size) {
        return new Size3d(size, size, size);
    }

    /**
     * {@return a depth, a height and a width}
     *
     * @param sizes three numbers
     */
    @Shorthand
    public static Size3d of(List<Integer> sizes) {
        Check.that(
                sizes.size() == 3,
                "a size must be a number or [depth, height, width], got %s",
                sizes);
        return new Size3d(sizes.get(0), sizes.get(1), sizes.get(2));
    }

    Shape toShape() {
        return new Shape(depth, height, width);
    }

    void requireAtLeast(String name, int least) {
        Check.that(
                depth >= least && height >= least && width >= least,
                "%s must be %s or more, got %s",
                name,
                least,
                List.of(depth, height, width));
    }
}
