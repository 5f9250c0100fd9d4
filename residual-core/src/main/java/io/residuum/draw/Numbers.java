package io.residuum.draw;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Formats numbers for people. An unknown number is a dash. */
public final class Numbers {
    private static final String UNKNOWN = "–";
    private static final String[] PREFIXES = {"", " k", " M", " G", " T", " P"};

    private Numbers() {}

    /** Formats four significant digits, without an exponent if possible. */
    public static String significant(double value) {
        if (!Double.isFinite(value)) {
            return Double.isNaN(value) ? UNKNOWN : value > 0 ? "∞" : "−∞";
        }
        double size = Math.abs(value);
        if (size != 0 && (size < 1e-4 || size >= 1e7)) {
            return format("%.2e", value).replaceFirst("\\.?0*e([+-])0*", "e$1").replace("e+", "e");
        }
        return plain(new BigDecimal(value).round(new MathContext(4)).doubleValue());
    }

    /** Formats all digits, without an exponent and without trailing zeros. */
    static String plain(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }

    /** Formats a fraction in percent, with two decimals. */
    public static String percent(double fraction) {
        return Double.isFinite(fraction) ? format("%.2f%%", 100 * fraction) : UNKNOWN;
    }

    /** Formats a fraction in percent, with one decimal. */
    public static String coarsePercent(double fraction) {
        return Double.isFinite(fraction) ? format("%.1f%%", 100 * fraction) : UNKNOWN;
    }

    public static String grouped(long value) {
        return format("%,d", value);
    }

    /** Formats three digits and a unit prefix: {@code 40.6 M}. */
    public static String compact(double value) {
        if (!Double.isFinite(value)) {
            return UNKNOWN;
        }
        int power = 0;
        // 999.5 would round to four digits
        while (Math.abs(value) >= 999.5 && power < PREFIXES.length - 1) {
            value /= 1000;
            power++;
        }
        int decimals = power == 0 || Math.abs(value) >= 99.95 ? 0 : Math.abs(value) < 9.995 ? 2 : 1;
        return format("%." + decimals + "f", value) + PREFIXES[power];
    }

    public static String duration(double seconds) {
        if (!Double.isFinite(seconds)) {
            return UNKNOWN;
        }
        // 59.95 would round to 60.0 s
        if (seconds < 59.95) {
            return format("%.1f s", seconds);
        }
        long whole = Math.round(seconds);
        return whole < 3600
                ? format("%d min %d s", whole / 60, whole % 60)
                : format("%d h %d min", whole / 3600, whole % 3600 / 60);
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
