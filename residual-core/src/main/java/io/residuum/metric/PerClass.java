package io.residuum.metric;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Averages a number of each class.
 *
 * @param mean the name of the mean
 * @param name the name of the number of a class
 * @param counts true for classes that count; the others are left out
 * @param number the number of a class
 */
record PerClass(String mean, String name, IntPredicate counts, IntToDoubleFunction number) {

    PerClass(String name, IntPredicate counts, IntToDoubleFunction number) {
        this(name, name, counts, number);
    }

    /**
     * Creates a metric of one or several averages.
     *
     * @param names the names of the classes
     * @param perClass true to add the numbers of every class
     */
    static Metric metric(List<String> names, boolean perClass, PerClass... averages) {
        return () -> {
            Map<String, Double> values = new LinkedHashMap<>();
            for (PerClass average : averages) {
                average.addTo(values, names, perClass);
            }
            return values;
        };
    }

    private void addTo(Map<String, Double> values, List<String> names, boolean perClass) {
        values.put(
                mean,
                IntStream.range(0, names.size())
                        .filter(counts)
                        .mapToDouble(number)
                        .average()
                        .orElse(Double.NaN));
        for (int c = 0; perClass && c < names.size(); c++) {
            if (counts.test(c)) {
                values.put(name + " of " + names.get(c), number.applyAsDouble(c));
            }
        }
    }
}
