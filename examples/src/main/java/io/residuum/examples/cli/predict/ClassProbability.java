package io.residuum.examples.cli.predict;

import io.residuum.examples.cli.options.Output;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * A class that something may be of; as JSON shows it.
 *
 * @param index of the class
 * @param name of the class
 * @param probability in [0, 1]
 */
record ClassProbability(int index, String name, double probability) {

    /**
     * The most probable classes, the most probable first.
     *
     * @param names of all classes
     * @param logits {@code (N, classes)}, row by row
     * @param row of them
     * @param classes how many there are
     * @param top how many are wanted
     */
    static List<ClassProbability> best(
            List<String> names, float[] logits, int row, int classes, int top) {
        int from = row * classes;
        double max = IntStream.range(0, classes).mapToDouble(c -> logits[from + c]).max().orElse(0);
        double sum =
                IntStream.range(0, classes)
                        .mapToDouble(c -> Math.exp(logits[from + c] - max))
                        .sum();
        return IntStream.range(0, classes)
                .mapToObj(
                        c ->
                                new ClassProbability(
                                        c, names.get(c), Math.exp(logits[from + c] - max) / sum))
                .sorted(Comparator.comparingDouble(ClassProbability::probability).reversed())
                .limit(top)
                .toList();
    }

    /** For people. */
    static void print(String what, List<ClassProbability> guesses, Output output) {
        output.result(what);
        for (ClassProbability guess : guesses) {
            output.result(
                    String.format(
                            Locale.ROOT, "  %5.1f%%  %s", 100 * guess.probability(), guess.name()));
        }
    }
}
