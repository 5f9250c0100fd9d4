package io.residuum.spec;

import java.util.Locale;

/**
 * Preconditions of specs. A message begins with the name of the component, by which the reader
 * finds its line.
 */
public final class Check {
    private Check() {}

    /**
     * Requires a condition.
     *
     * @param ok the condition
     * @param format what must hold, what was found, what to do, as in {@link String#format}
     * @param args the values
     * @throws SpecException if it does not hold
     */
    public static void that(boolean ok, String format, Object... args) {
        if (!ok) {
            throw new SpecException(String.format(Locale.ROOT, format, args));
        }
    }

    /**
     * Requires a positive number.
     *
     * @param name the component
     * @param value its value
     */
    public static void positive(String name, long value) {
        that(value > 0, "%s must be positive, got %s", name, value);
    }

    /**
     * Requires a number that is not negative.
     *
     * @param name the component
     * @param value its value
     */
    public static void notNegative(String name, long value) {
        that(value >= 0, "%s must be 0 or more, got %s", name, value);
    }

    /**
     * Requires a rate in [0, 1).
     *
     * @param name the component
     * @param value its value
     */
    public static void rate(String name, double value) {
        that(value >= 0 && value < 1, "%s must be in [0, 1), got %s", name, value);
    }

    /**
     * Requires a finite number.
     *
     * @param name the component
     * @param value its value
     */
    public static void finite(String name, double value) {
        that(Double.isFinite(value), "%s must be finite, got %s", name, value);
    }
}
