package io.residuum.examples.cli.task;

import io.residuum.metric.Measure;
import io.residuum.model.Network;
import io.residuum.train.EvaluationOptions;
import io.residuum.train.EvaluationResult;
import io.residuum.train.Score;
import io.residuum.train.Task;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Formats a score and its measures as one line. */
public final class ScoreLine {
    private ScoreLine() {}

    /** {@return the result of an evaluation at the end of training, to follow its data's name} */
    public static String sentence(Score score, List<Measure> measures, long samples) {
        Double loss = score.loss();
        Double accuracy = score.accuracy();
        return accuracy == null
                ? of(score, measures)
                : String.format(
                        Locale.ROOT,
                        "accuracy %.2f%% (%,d wrong of %,d), loss %.4f",
                        100 * accuracy,
                        Math.round((1 - accuracy) * samples),
                        samples,
                        loss == null ? Double.NaN : loss);
    }

    public static String of(Score score, List<Measure> measures) {
        Double loss = score.loss();
        Double accuracy = score.accuracy();
        String all =
                accuracy == null ? "" : String.format(Locale.ROOT, "  acc %6.2f%%", 100 * accuracy);
        return String.format(Locale.ROOT, "loss %.4f", loss == null ? Double.NaN : loss)
                + all
                + (measures.isEmpty() ? "" : ", " + of(measures));
    }

    /** {@return measures as {@code name value, name value}} */
    static String of(List<Measure> measures) {
        return measures.stream()
                .map(m -> String.format(Locale.ROOT, "%s %.4g", m.name(), m.value()))
                .collect(Collectors.joining(", "));
    }

    /** {@return the result of a task's evaluation} */
    static TaskSource.Report report(Task task, Network network, EvaluationOptions options) {
        task.requireFitting(network);
        EvaluationResult result = task.evaluate(network, options);
        Double loss = result.score().loss();
        Double accuracy = result.score().accuracy();
        Map<String, Object> numbers = new LinkedHashMap<>();
        numbers.put(task.unit(), task.evaluation().size());
        numbers.put("loss", loss == null ? "not finite" : loss);
        if (accuracy != null) {
            numbers.put("accuracy", accuracy);
        }
        put(numbers, result.measures());
        return new TaskSource.Report(
                of(result.score(), result.measures())
                        + String.format(
                                Locale.ROOT, ", %,d %s", task.evaluation().size(), task.unit()),
                numbers);
    }

    /** Adds measures to the values of the JSON form. */
    static void put(Map<String, Object> numbers, List<Measure> measures) {
        for (Measure measure : measures) {
            // Names of classes may differ in letters alone that a key does not have.
            String key = key(measure.name());
            numbers.put(numbers.containsKey(key) ? measure.name() : key, measure.value());
        }
    }

    /** {@return a name in camel case: {@code rocAuc} for "ROC AUC"} */
    private static String key(String name) {
        String[] words = name.split("[ -]+");
        return IntStream.range(0, words.length)
                .mapToObj(
                        i ->
                                i == 0
                                        ? words[i].toLowerCase(Locale.ROOT)
                                        : words[i].substring(0, 1).toUpperCase(Locale.ROOT)
                                                + words[i].substring(1).toLowerCase(Locale.ROOT))
                .collect(Collectors.joining());
    }
}
