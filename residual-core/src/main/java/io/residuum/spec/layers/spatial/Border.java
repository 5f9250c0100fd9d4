package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.types.Shape;
import io.residuum.spec.Check;
import io.residuum.spec.Shorthand;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * The sides of every axis of positions. In JSON it is one number for all sides, or a list with one
 * entry per axis: {@code [1, [0, 2]]} stands for one row above and below, and two columns on the
 * right.
 *
 * @param axes one entry for all axes, or one per axis
 */
public record Border(List<Sides> axes) {
    public Border {
        axes = List.copyOf(axes);
        Check.that(!axes.isEmpty(), "axes must not be empty");
    }

    /**
     * {@return equal sides on all axes}
     *
     * @param all the number of positions on each side
     */
    @Shorthand
    public static Border of(int all) {
        return new Border(List.of(Sides.of(all)));
    }

    /**
     * {@return the sides of each axis}
     *
     * @param axes one entry for all axes, or one per axis
     */
    @Shorthand
    public static Border of(List<Sides> axes) {
        return new Border(axes);
    }

    /** {@return the positions before each axis of positions of an input} */
    Shape before(Shape input) {
        return sizes(input, Sides::before);
    }

    /** {@return the positions after each axis of positions of an input} */
    Shape after(Shape input) {
        return sizes(input, Sides::after);
    }

    private Shape sizes(Shape input, ToIntFunction<Sides> side) {
        int count = input.dimension() - 2;
        Check.that(
                count >= 1 && count <= 3 && (axes.size() == 1 || axes.size() == count),
                "border must have one entry, or one per axis of positions, got %s entries for an"
                        + " input %s",
                axes.size(),
                input);
        long[] dims = new long[count];
        for (int i = 0; i < count; i++) {
            dims[i] = side.applyAsInt(axes.get(axes.size() == 1 ? 0 : i));
        }
        return new Shape(dims);
    }
}
