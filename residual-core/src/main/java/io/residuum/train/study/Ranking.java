package io.residuum.train.study;

import io.residuum.metric.Measure;
import io.residuum.train.Metrics;
import io.residuum.train.Score;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The measure that ranks variants.
 *
 * @param part the part of the data: {@code test}, {@code validation} or {@code train}
 * @param measure the name of the measure
 * @param highest true if the highest value is best
 */
public record Ranking(String part, String measure, boolean highest) {

    /**
     * Chooses the measure of a study: the one it names, else the one that chooses the best epoch in
     * its recipe, else accuracy, else loss. It is that of the first part of the data for which all
     * finished runs have it: of the test data, except in a search, where the test data must not
     * choose; of the validation data; of the training data.
     */
    static Ranking of(Study study, List<VariantResult> variants) {
        List<RunResult> finished =
                variants.stream()
                        .flatMap(v -> v.runs().stream())
                        .filter(run -> !run.diverged())
                        .toList();
        Score.Choice choice =
                study.measure() != null ? study.measure() : study.variants().get(0).recipe().best();
        List<String> names =
                choice == null ? List.of("accuracy", "loss") : List.of(choice.measure());
        List<String> parts =
                study.search() == null
                        ? List.of("test", "validation", "train")
                        : List.of("validation", "train");
        for (String part : finished.isEmpty() ? List.<String>of() : parts) {
            for (String name : names) {
                if (finished.stream().allMatch(run -> has(run, part + " " + name))) {
                    return new Ranking(part, name, isHighest(choice, name));
                }
            }
        }
        return new Ranking("train", names.get(0), isHighest(choice, names.get(0)));
    }

    private static boolean isHighest(Score.@Nullable Choice choice, String name) {
        return choice == null
                ? name.equals("accuracy")
                : choice.direction() == Score.Direction.HIGHEST;
    }

    private static boolean has(RunResult run, String measure) {
        return run.result().measures().containsKey(measure);
    }

    /** {@return part and name, a key of {@link RunRecord#measures}} */
    public String key() {
        return part + " " + measure;
    }

    /** Returns the order of variants, the best first; those without the measure are last. */
    Comparator<VariantResult> order() {
        Function<VariantResult, Double> value =
                v -> v.spread(key()).map(Interval::mean).map(m -> highest ? -m : m).orElse(null);
        return Comparator.comparing(value, Comparator.nullsLast(Comparator.naturalOrder()));
    }

    /** Returns the value of an epoch on the training data; NaN if it has none. */
    double train(Metrics.Epoch epoch) {
        return value(epoch.trainLoss(), epoch.trainAccuracy(), epoch.trainMeasures());
    }

    /** Returns the value after an epoch on the validation data; NaN if it has none. */
    double validation(Metrics.Epoch epoch) {
        return value(epoch.validationLoss(), epoch.validationAccuracy(), epoch.measures());
    }

    private double value(@Nullable Double loss, @Nullable Double accuracy, List<Measure> measures) {
        Double value =
                switch (measure) {
                    case "loss" -> loss;
                    case "accuracy" -> accuracy;
                    default ->
                            measures.stream()
                                    .filter(m -> m.name().equals(measure))
                                    .map(Measure::value)
                                    .findFirst()
                                    .orElse(null);
                };
        return value == null ? Double.NaN : value;
    }
}
