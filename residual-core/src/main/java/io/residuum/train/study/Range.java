package io.residuum.train.study;

import io.residuum.json.Json;
import io.residuum.json.JsonPath;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.json.SpecJson;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A range of numbers to search, {@code {"range": [1e-4, 1], "scale": "log"}}.
 *
 * @param range the least and the greatest number
 * @param scale the scale on which numbers are drawn uniformly. Default: linear
 * @param step the distance of the possible numbers from the least one, positive; 1 for whole
 *     numbers. Default: none, any number
 */
public record Range(List<Double> range, @Default("\"linear\"") Scale scale, @Nullable Double step) {
    private static final String KEY = "range";

    private static final int DIGITS = 4;

    /** A scale on which numbers are drawn uniformly. */
    public enum Scale {
        /** The numbers themselves. */
        LINEAR,
        /** Their logarithms; the range must be positive. */
        LOG
    }

    public Range {
        range = List.copyOf(range);
        Check.that(
                range.size() == 2 && range.get(0) < range.get(1),
                "range must be two numbers, the least first, got %s",
                range);
        Check.that(
                scale == Scale.LINEAR || range.get(0) > 0,
                "range must be positive with scale log, got %s",
                range);
        Check.that(
                step == null || (step > 0 && step <= range.get(1) - range.get(0)),
                "step must be in (0, %s], the width of the range, got %s",
                range.get(1) - range.get(0),
                String.valueOf(step));
    }

    /** Returns true for a range. Metrics have a number of this name. */
    static boolean isRange(Json json) {
        return json.get(KEY) instanceof Json.Arr;
    }

    static Range read(Json json, JsonPath at) {
        return new SpecJson(List.of()).read(json, at, Range.class);
    }

    double from() {
        return range.get(0);
    }

    double to() {
        return range.get(1);
    }

    /** Draws a number, as JSON writes it: with 4 digits, or a whole number of steps. */
    String draw(SplittableRandom random) {
        double share = random.nextDouble();
        double value =
                scale == Scale.LOG
                        ? from() * Math.pow(to() / from(), share)
                        : from() + share * (to() - from());
        if (step == null) {
            BigDecimal rounded =
                    new BigDecimal(value).round(new MathContext(DIGITS)).stripTrailingZeros();
            double inside = Math.min(to(), Math.max(from(), rounded.doubleValue()));
            return BigDecimal.valueOf(inside).toString();
        }
        BigDecimal width = BigDecimal.valueOf(step);
        BigDecimal least = BigDecimal.valueOf(from());
        BigDecimal steps =
                BigDecimal.valueOf(value)
                        .subtract(least)
                        .divide(width, 0, RoundingMode.HALF_UP)
                        .min(
                                BigDecimal.valueOf(to())
                                        .subtract(least)
                                        .divide(width, 0, RoundingMode.FLOOR));
        BigDecimal result = least.add(steps.multiply(width)).stripTrailingZeros();
        return result.scale() < 0 ? result.setScale(0).toString() : result.toString();
    }
}
