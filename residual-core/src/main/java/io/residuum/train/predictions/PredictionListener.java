package io.residuum.train.predictions;

import io.residuum.metric.MeasuredOutput;
import io.residuum.metric.MetricBatch;
import java.util.List;
import java.util.Map;

/** Receives the predictions of an evaluation, in the order of the samples. */
@FunctionalInterface
public interface PredictionListener {

    /** Ignores the predictions. */
    PredictionListener NONE = (samples, outputs) -> {};

    /**
     * The predictions of one output.
     *
     * @param output the meaning and the names of its numbers
     * @param batch its numbers and their targets
     */
    record Predicted(MeasuredOutput output, MetricBatch batch) {}

    /**
     * Receives the predictions of a batch.
     *
     * @param samples the names of the samples
     * @param outputs the outputs that have targets, by name
     */
    void predicted(List<String> samples, Map<String, Predicted> outputs);
}
