package io.residuum.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Counts the targets of the passes of an update, by loss, so that the update uses means over all of
 * them.
 */
final class LossCounts {
    /** The relative difference of factors that are equal except for rounding. */
    private static final double SAME_FACTOR = 1e-9;

    private final Map<String, Sum> sums = new LinkedHashMap<>();

    private static final class Sum {
        /** Divides the summed loss of each pass. */
        private final double divisor;

        private double counted;

        Sum(double divisor) {
            this.divisor = divisor;
        }
    }

    /**
     * Counts the targets of a pass.
     *
     * @param passes the expected number of passes of the update
     * @return the divisor of the sum of each term
     */
    double[] add(List<Objective.Term> terms, int samples, int passes) {
        double[] divisors = new double[terms.size()];
        for (int i = 0; i < divisors.length; i++) {
            double counted = terms.get(i).loss().count();
            // Right if all passes count as much. Otherwise toMean() corrects it.
            Sum sum =
                    sums.computeIfAbsent(
                            terms.get(i).name(),
                            name -> new Sum((counted > 0 ? counted : samples) * passes));
            sum.counted += counted;
            divisors[i] = sum.divisor;
        }
        return divisors;
    }

    /**
     * Returns the factor that makes the summed gradients those of the mean over all targets.
     *
     * @throws TrainingException if there is none, because the outputs need different ones
     */
    double toMean() {
        // An output without targets that count has no gradient.
        double[] factors =
                sums.values().stream()
                        .filter(sum -> sum.counted > 0)
                        .mapToDouble(sum -> sum.divisor / sum.counted)
                        .toArray();
        for (double factor : factors) {
            if (Math.abs(factor - factors[0]) > SAME_FACTOR * factors[0]) {
                throw new TrainingException(
                        "accumulate with several losses needs the same share of known targets in every pass, got %s: set accumulate to 1, leave out class weights, or fill in the missing targets"
                                .formatted(listed()));
            }
        }
        return factors.length == 0 ? 1 : factors[0];
    }

    private String listed() {
        return sums.entrySet().stream()
                .map(e -> "%s for %s".formatted(e.getValue().counted, e.getKey()))
                .collect(Collectors.joining(", "));
    }

    /** {@return the number of targets that counted, by loss} */
    Map<String, Double> counted() {
        Map<String, Double> counted = new LinkedHashMap<>();
        sums.forEach((name, sum) -> counted.put(name, sum.counted));
        return counted;
    }

    /** Begins the next update. */
    void clear() {
        sums.clear();
    }
}
