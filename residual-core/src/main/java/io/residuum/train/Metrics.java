package io.residuum.train;

import io.residuum.spec.Doc;
import io.residuum.spec.TypeName;
import org.jspecify.annotations.Nullable;

/** A line of {@code metrics.jsonl}. */
public sealed interface Metrics {

    /**
     * The epoch that the line is about.
     *
     * @return counted from 1
     */
    int epoch();

    /**
     * A finished epoch.
     *
     * @param epoch counted from 1
     * @param steps updates since the run began
     * @param trainLoss mean over the epoch's training samples, as augmented and smoothed
     * @param trainAccuracy in [0, 1], on the same
     * @param validationLoss mean over the validation samples after the epoch, with averaged weights
     *     where there are any; null if it is not finite
     * @param validationAccuracy in [0, 1], likewise
     * @param learningRate of the epoch's last update
     * @param imagesPerSecond of training, validation not counted
     * @param seconds wall time of the epoch, validation included
     * @param waitedSeconds how much of it training waited for images
     */
    @TypeName("epoch")
    @Doc("A finished epoch.")
    record Epoch(
            int epoch,
            long steps,
            double trainLoss,
            double trainAccuracy,
            @Nullable Double validationLoss,
            double validationAccuracy,
            double learningRate,
            double imagesPerSecond,
            double seconds,
            double waitedSeconds)
            implements Metrics {}

    /**
     * A point of the loss curve.
     *
     * @param epoch counted from 1
     * @param step updates since the run began
     * @param loss mean over the samples since the point before
     * @param learningRate of the update
     */
    @TypeName("step")
    @Doc("A point of the loss curve.")
    record Step(int epoch, long step, double loss, double learningRate) implements Metrics {}
}
