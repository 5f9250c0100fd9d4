package io.residuum.train;

import io.residuum.train.report.Mistake;
import io.residuum.train.report.Predictions;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * What an evaluation found.
 *
 * @param score by which networks of a run are compared
 * @param measures what else was measured; those that are not finite are left out
 * @param predictions what the report shows of them, made when it is written
 */
public record EvaluationResult(
        Score score, List<Measure> measures, Supplier<Predictions> predictions) {
    private static final int MISTAKES = 48;

    /** Takes a copy of the measures. */
    public EvaluationResult {
        measures = measures.stream().filter(m -> Double.isFinite(m.value())).toList();
    }

    /**
     * Of a task without classes to confuse.
     *
     * @param score by which networks of a run are compared
     * @param measures what else was measured
     * @return the assessment
     */
    public static EvaluationResult of(Score score, List<Measure> measures) {
        return new EvaluationResult(score, measures, () -> Predictions.NONE);
    }

    /**
     * Of a classifier.
     *
     * @param evaluation its predictions
     * @param classNames the names of the classes
     * @param mistakes shows the sample of an index
     * @return the assessment
     */
    public static EvaluationResult ofClasses(
            Evaluation evaluation, List<String> classNames, IntFunction<Mistake> mistakes) {
        return new EvaluationResult(
                Score.ofAccuracy(evaluation.loss(), evaluation.top1()),
                List.of(),
                () ->
                        new Predictions(
                                classNames,
                                evaluation.confusion(),
                                Arrays.stream(evaluation.mistakes())
                                        .limit(MISTAKES)
                                        .mapToObj(mistakes)
                                        .toList()));
    }
}
