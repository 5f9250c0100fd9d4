package io.residuum.train;

import io.residuum.metric.Measure;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A line of {@code metrics.jsonl}. */
public sealed interface Metrics {

    /** {@return the epoch of the line, counted from 1} */
    int epoch();

    /**
     * A finished epoch.
     *
     * @param epoch the epoch, counted from 1
     * @param steps the updates since the run began
     * @param trainLoss the mean loss over the training labels, with augmentation and label
     *     smoothing
     * @param trainAccuracy the accuracy on the same labels, in [0, 1]; null without classes
     * @param trainMeasures the loss and accuracy of each output, if several learn. Default: none
     * @param validationLoss the mean loss over the validation labels after the epoch, with averaged
     *     weights if there are any; null if it is not finite or there is no validation data
     * @param validationAccuracy the accuracy on the same labels, in [0, 1]; null for tasks that are
     *     not compared by it, or without validation data
     * @param measures other measurements after the epoch. Default: none
     * @param learningRate the learning rate of the last update
     * @param samplesPerSecond images, tokens or texts per second of training, without validation
     * @param seconds the wall time of the epoch, with validation
     * @param waitedSeconds the time that training waited for data
     */
    @TypeName("epoch")
    record Epoch(
            int epoch,
            long steps,
            double trainLoss,
            @Nullable Double trainAccuracy,
            @Default("[]") List<Measure> trainMeasures,
            @Nullable Double validationLoss,
            @Nullable Double validationAccuracy,
            @Default("[]") List<Measure> measures,
            double learningRate,
            double samplesPerSecond,
            double seconds,
            double waitedSeconds)
            implements Metrics {
        public Epoch {
            trainMeasures = List.copyOf(trainMeasures);
            measures = List.copyOf(measures);
        }
    }

    /**
     * The evaluation of the chosen network on the test data, after the last epoch.
     *
     * @param epoch the number of epochs done
     * @param bestEpoch the epoch of the network: the best on the validation data, or the last if
     *     there is none
     * @param samples the number of images, tokens or texts
     * @param loss the mean loss over the test labels; null if it is not finite
     * @param accuracy the accuracy on the same labels, in [0, 1]; null for tasks that are not
     *     compared by it
     * @param measures other measurements. Default: none
     */
    @TypeName("test")
    record Test(
            int epoch,
            int bestEpoch,
            long samples,
            @Nullable Double loss,
            @Nullable Double accuracy,
            @Default("[]") List<Measure> measures)
            implements Metrics {
        public Test {
            measures = List.copyOf(measures);
        }
    }

    /**
     * A text that the network generated after an epoch.
     *
     * @param epoch the epoch, counted from 1
     * @param text the text
     */
    @TypeName("sample")
    record Sample(int epoch, String text) implements Metrics {}

    /**
     * A point of the loss curve.
     *
     * @param epoch the epoch, counted from 1
     * @param step the updates since the run began
     * @param loss the mean loss over the labels since the previous point
     * @param learningRate the learning rate of the update
     */
    @TypeName("step")
    record Step(int epoch, long step, double loss, double learningRate) implements Metrics {}
}
