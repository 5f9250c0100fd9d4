package io.residuum.train;

import io.residuum.loss.LossSpec;
import io.residuum.metric.MetricSpec;
import io.residuum.spec.Check;
import io.residuum.spec.WithBuilder;
import io.residuum.train.predictions.PredictionListener;
import java.util.List;
import java.util.Map;

/**
 * The settings of an evaluation.
 *
 * @param batch the number of samples in a forward pass, positive
 * @param losses the loss of each output, as in {@link Recipe#losses}
 * @param metrics the metrics of each output, as in {@link Recipe#metrics}
 * @param detailed true to measure classifiers by all usual metrics and not by their accuracy alone,
 *     if {@code metrics} names none
 * @param predictions receives the prediction for each sample
 */
@WithBuilder
public record EvaluationOptions(
        int batch,
        Map<String, LossSpec> losses,
        Map<String, List<MetricSpec>> metrics,
        boolean detailed,
        PredictionListener predictions)
        implements EvaluationOptionsBuilder.With {

    public EvaluationOptions {
        Check.positive("batch", batch);
        losses = Map.copyOf(losses);
        metrics = Map.copyOf(metrics);
    }

    /**
     * Requires options that a task without predictions for each sample can keep.
     *
     * @param task the task, for the error
     * @throws TrainingException if there are metrics or a receiver of predictions
     */
    public void requireNoPredictions(String task) {
        if (!metrics.isEmpty() || predictions != PredictionListener.NONE) {
            throw new TrainingException(
                    "%s has its own measures and no prediction for each sample: remove %s"
                            .formatted(
                                    task,
                                    metrics.isEmpty() ? "--predictions" : "metrics of the recipe"));
        }
    }

    /**
     * {@return options that measure what suits the targets}
     *
     * @param batch the number of samples in a forward pass, positive
     */
    public static EvaluationOptions of(int batch) {
        return new EvaluationOptions(batch, Map.of(), Map.of(), true, PredictionListener.NONE);
    }

    /**
     * {@return options that compare the epochs of a training}
     *
     * @param recipe the batch size, losses and metrics
     */
    public static EvaluationOptions of(Recipe recipe) {
        return new EvaluationOptions(
                recipe.batch(), recipe.losses(), recipe.metrics(), false, PredictionListener.NONE);
    }
}
