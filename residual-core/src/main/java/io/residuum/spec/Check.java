package io.residuum.spec;

import java.util.List;
import java.util.Locale;

/**
 * Preconditions of specs. A message begins with the name of the component, from which the reader of
 * JSON finds the line.
 */
public final class Check {
    private static final int MAX_DEPTH = 10_000;

    private Check() {}

    /**
     * Requires a condition.
     *
     * @param ok the condition
     * @param format the invariant, the value found and the fix, as in {@link String#format}
     * @param args the values
     * @throws SpecException if the condition is false
     */
    public static void that(boolean ok, String format, Object... args) {
        if (!ok) {
            throw new SpecException(String.format(Locale.ROOT, format, args));
        }
    }

    /** Requires a positive value of the component {@code name}. */
    public static void positive(String name, long value) {
        that(value > 0, "%s must be positive, got %s", name, value);
    }

    /** Requires a positive, finite value of the component {@code name}. */
    public static void positive(String name, double value) {
        that(value > 0, "%s must be positive, got %s", name, value);
        finite(name, value);
    }

    /** Requires an odd window of the component {@code name}, which padding can keep centred. */
    public static void odd(String name, int value) {
        that(value > 0 && value % 2 == 1, "%s must be odd, such as 3 or 5, got %s", name, value);
    }

    /**
     * Requires a number of repetitions that a network can have: layers are objects, and 10,000
     * units fit into a small heap.
     */
    public static void depth(String name, long value) {
        that(
                value > 0 && value <= MAX_DEPTH,
                "%s must be in [1, %s], got %s",
                name,
                MAX_DEPTH,
                value);
    }

    /** Requires the units of each stage, or a depth that stands for a published list of them. */
    public static void depthOrUnits(int depth, List<Integer> units) {
        notNegative("depth", depth);
        units.forEach(n -> depth("units", n));
        that(
                (depth == 0) != units.isEmpty(),
                "exactly one of depth and units must be given, got depth %s and units %s",
                depth,
                units);
    }

    /** Requires the units and the width of each stage of a network. */
    public static void stages(List<Integer> units, List<Integer> widths) {
        stages(units, "widths", widths);
    }

    /** Requires the units of each stage of a network, and the component {@code name} of each. */
    public static void stages(List<Integer> units, String name, List<Integer> values) {
        units.forEach(n -> depth("units", n));
        values.forEach(n -> positive(name, n));
        that(
                !units.isEmpty() && units.size() == values.size(),
                "units and %s must have one entry for each stage, got %s and %s",
                name,
                units,
                values);
    }

    /** Requires channel groups that divide the filters of a convolution. */
    public static void groups(int groups, int filters) {
        positive("groups", groups);
        that(
                filters % groups == 0,
                "groups must divide filters, got %s groups of %s filters",
                groups,
                filters);
    }

    /** Requires a value of 0 or more of the component {@code name}. */
    public static void notNegative(String name, long value) {
        that(value >= 0, "%s must be 0 or more, got %s", name, value);
    }

    /** Requires a finite value of 0 or more of the component {@code name}. */
    public static void notNegative(String name, double value) {
        that(value >= 0, "%s must be 0 or more, got %s", name, value);
        finite(name, value);
    }

    /** Requires a value in [0, 1) of the component {@code name}. */
    public static void rate(String name, double value) {
        that(value >= 0 && value < 1, "%s must be in [0, 1), got %s", name, value);
        // Else 1 / (1 - rate) is infinite.
        that(
                (float) value < 1,
                "%s must be below 1 in float32, at most 0.9999999, got %s",
                name,
                value);
    }

    /** Requires a finite value of the component {@code name}. */
    public static void finite(String name, double value) {
        that(Double.isFinite(value), "%s must be finite, got %s", name, value);
        float single = (float) value;
        that(
                Float.isFinite(single) && (single == 0) == (value == 0),
                "%s must be within float32, 1.4e-45 to 3.4e38 in magnitude, got %s",
                name,
                value);
    }
}
