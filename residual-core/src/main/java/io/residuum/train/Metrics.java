package io.residuum.train;

import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.TypeName;
import java.util.List;
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
     * @param trainLoss mean over the epoch's training labels, as augmented and smoothed
     * @param trainAccuracy in [0, 1], on the same
     * @param validationLoss mean over the validation labels after the epoch, with averaged weights
     *     where there are any; null if it is not finite
     * @param validationAccuracy in [0, 1], likewise; null for tasks that are not judged by it
     * @param measures what else was measured after the epoch. Default: nothing
     * @param learningRate of the epoch's last update
     * @param samplesPerSecond images, tokens or texts a second of training, validation not counted
     * @param seconds wall time of the epoch, validation included
     * @param waitedSeconds how much of it training waited for data
     */
    @TypeName("epoch")
    @Doc("A finished epoch.")
    record Epoch(
            int epoch,
            long steps,
            double trainLoss,
            double trainAccuracy,
            @Nullable Double validationLoss,
            @Nullable Double validationAccuracy,
            @Default("[]") List<Measure> measures,
            double learningRate,
            double samplesPerSecond,
            double seconds,
            double waitedSeconds)
            implements Metrics {
        /** Takes a copy of the measures. */
        public Epoch {
            measures = List.copyOf(measures);
        }
    }

    /**
     * Something that the network made after an epoch.
     *
     * @param epoch counted from 1
     * @param text what it wrote
     */
    @TypeName("sample")
    @Doc("Something that the network made after an epoch.")
    record Sample(int epoch, String text) implements Metrics {}

    /**
     * A point of the loss curve.
     *
     * @param epoch counted from 1
     * @param step updates since the run began
     * @param loss mean over the labels since the point before
     * @param learningRate of the update
     */
    @TypeName("step")
    @Doc("A point of the loss curve.")
    record Step(int epoch, long step, double loss, double learningRate) implements Metrics {}
}
