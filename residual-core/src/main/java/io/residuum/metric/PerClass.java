package io.residuum.metric;

import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** Averages a number of each class. */
final class PerClass {
    private PerClass() {}

    /**
     * Adds the mean over classes, and the number of each class if wanted.
     *
     * @param mean the name of the mean
     * @param name the name of the number of a class
     * @param names the names of the classes
     * @param counts true for classes that count; the others are left out
     */
    static void add(
            Map<String, Double> values,
            String mean,
            String name,
            List<String> names,
            IntPredicate counts,
            IntToDoubleFunction number,
            boolean perClass) {
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
