package io.residuum.draw;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A range of numbers between round bounds, with round ticks, mapped to [0, 1]. */
final class Axis {

    /**
     * A labelled position on an axis.
     *
     * @param at the position, in [0, 1]
     * @param label the number at that position
     */
    record Tick(double at, String label) {}

    private static final int MOST_LOG_TICKS = 10;

    private final double low;
    private final double high;
    private final boolean log;
    private final List<Tick> ticks = new ArrayList<>();

    private Axis(double low, double high, boolean log) {
        this.low = low;
        this.high = high;
        this.log = log;
    }

    /** Returns an axis whose bounds are the round numbers around a range. */
    static Axis linear(double min, double max, int aboutTicks) {
        if (min == max) {
            // include zero, so that a single value can be read against it
            max = min == 0 ? 1 : Math.max(0, min);
            min = Math.min(0, min);
        }
        double step = roundStep((max - min) / aboutTicks);
        // the small tolerance keeps rounding errors from adding an interval
        long first = (long) Math.floor(min / step + 1e-9);
        long last = (long) Math.ceil(max / step - 1e-9);
        Axis axis = new Axis(first * step, last * step, false);
        axis.addTicks(first, last, step);
        return axis;
    }

    /**
     * Returns an axis for counts such as epochs, from 0 to {@code max}, with ticks at whole
     * numbers.
     */
    static Axis counts(double max, int aboutTicks) {
        double round = roundStep(max / aboutTicks);
        // a step of 2.5 would give fractional ticks
        double step = round <= 1 ? 1 : round == 2.5 ? 2 : round;
        Axis axis = new Axis(0, max, false);
        axis.addTicks(0, (long) Math.floor(max / step), step);
        return axis;
    }

    /** Returns a logarithmic axis; both bounds must be positive. */
    static Axis log(double min, double max) {
        double[] digits = max / min > 1000 ? new double[] {1} : new double[] {1, 2, 5};
        List<Double> values = new ArrayList<>();
        for (int e = (int) Math.floor(Math.log10(min)); e <= Math.ceil(Math.log10(max)); e++) {
            for (double digit : digits) {
                values.add(Double.parseDouble(digit + "e" + e));
            }
        }
        int first = 0;
        int last = values.size() - 1;
        while (first + 1 < last && values.get(first + 1) <= min) {
            first++;
        }
        while (last - 1 > first && values.get(last - 1) >= max) {
            last--;
        }
        Axis axis = new Axis(values.get(first), values.get(last), true);
        // More labels than this overlap.
        int step = (last - first) / MOST_LOG_TICKS + 1;
        for (int i = first; i <= last; i += step) {
            double value = values.get(i);
            axis.ticks.add(new Tick(axis.at(value), Numbers.significant(value)));
        }
        return axis;
    }

    /** Returns the position of a value: 0 at the lower bound, 1 at the upper. */
    double at(double value) {
        return log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    }

    List<Tick> ticks() {
        return ticks;
    }

    /** Draws a line and a label for each tick, from the bottom to the given height above it. */
    void drawUpright(
            Markup svg, double left, double right, double bottom, double height, String unit) {
        for (Tick tick : ticks) {
            double y = bottom - tick.at() * height;
            Svg.line(svg, left, y, right, y);
            Svg.label(svg, left - 8, y + 4, "end", tick.label() + unit);
        }
    }

    private void addTicks(long first, long last, double step) {
        int decimals = 0;
        while (decimals < 12 && Math.abs(step - round(step, decimals)) > step * 1e-6) {
            decimals++;
        }
        for (long i = first; i <= last; i++) {
            double value = i * step;
            ticks.add(
                    new Tick(at(value), String.format(Locale.ROOT, "%." + decimals + "f", value)));
        }
    }

    private static double round(double value, int decimals) {
        double unit = Math.pow(10, decimals);
        return Math.rint(value * unit) / unit;
    }

    private static double roundStep(double atLeast) {
        double decade = Math.pow(10, Math.floor(Math.log10(atLeast)));
        for (double digit : new double[] {1, 2, 2.5, 5}) {
            if (digit * decade >= atLeast * (1 - 1e-9)) {
                return digit * decade;
            }
        }
        return 10 * decade;
    }
}
