package io.residuum.spec.layers.spatial;

import io.residuum.spec.Check;
import io.residuum.spec.Shorthand;
import java.util.List;

/**
 * Numbers of positions to add or remove at the two ends of an axis. In JSON it is one number for
 * both, or {@code [before, after]}.
 *
 * @param before number at the start
 * @param after number at the end
 */
public record Sides(int before, int after) {
    public Sides {
        Check.notNegative("before", before);
        Check.notNegative("after", after);
    }

    /**
     * {@return equal sides}
     *
     * @param both before and after
     */
    @Shorthand
    public static Sides of(int both) {
        return new Sides(both, both);
    }

    /**
     * {@return two sides}
     *
     * @param sides two numbers
     */
    @Shorthand
    public static Sides of(List<Integer> sides) {
        Check.that(sides.size() == 2, "sides must be a number or [before, after], got %s", sides);
        return new Sides(sides.get(0), sides.get(1));
    }
}
