package io.residuum.train;

import io.residuum.metric.Evaluation;
import io.residuum.metric.Measure;
import io.residuum.train.report.Mistake;
import io.residuum.train.report.Predictions;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The result of an evaluation.
 *
 * @param score the score that compares the networks of a run
 * @param measures other measurements
 * @param predictions supplies the predictions that the report shows
 */
public record EvaluationResult(
        Score score, List<Measure> measures, Supplier<Predictions> predictions) {
    private static final int MISTAKES = 48;

    public EvaluationResult {
        measures = List.copyOf(measures);
    }

    /** {@return the other measurements that are finite} */
    @Override
    public List<Measure> measures() {
        return measures.stream().filter(m -> Double.isFinite(m.value())).toList();
    }

    /**
     * {@return the names of measurements without a number, such as the ROC AUC of a single class}
     */
    Set<String> undefined() {
        return measures.stream()
                .filter(m -> !Double.isFinite(m.value()))
                .map(Measure::name)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /**
     * {@return the result of a task without classes}
     *
     * @param measures other measurements
     */
    public static EvaluationResult of(Score score, List<Measure> measures) {
        return new EvaluationResult(score, measures, () -> Predictions.NONE);
    }

    /** Returns what the report shows of a classifier. */
    static Predictions predictions(
            Evaluation evaluation,
            List<String> classNames,
            IntFunction<@Nullable Mistake> mistakes) {
        return new Predictions(
                classNames,
                evaluation.confusion(),
                Arrays.stream(evaluation.mistakes())
                        .limit(MISTAKES)
                        .mapToObj(mistakes)
                        .filter(Objects::nonNull)
                        .toList());
    }

    /**
     * {@return the result of a classifier}
     *
     * @param evaluation the predictions
     * @param mistakes supplies the sample of an index, for the report
     */
    public static EvaluationResult ofClasses(
            Evaluation evaluation, List<String> classNames, IntFunction<Mistake> mistakes) {
        return new EvaluationResult(
                Score.ofAccuracy(evaluation.loss(), evaluation.top1()),
                List.of(),
                () -> predictions(evaluation, classNames, mistakes::apply));
    }
}
