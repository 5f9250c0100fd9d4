package io.residuum.train.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The metrics of one epoch. An unknown number is NaN.
 *
 * @param epoch the epoch, from 1
 * @param trainLoss the mean loss per training label
 * @param trainAccuracy the accuracy on the augmented training samples, in [0, 1]
 * @param validationLoss the mean loss per validation label after the epoch
 * @param validationAccuracy the validation accuracy after the epoch, in [0, 1]
 * @param trainMeasures metrics on the training samples, such as the loss of each output, by the
 *     names of {@code measures}
 * @param measures other metrics in order, by name in lower case
 * @param learningRate the learning rate of the epoch's last step
 * @param samplesPerSecond the training throughput in images, tokens or texts
 * @param seconds the wall time of the epoch, including validation
 */
public record EpochMetrics(
        int epoch,
        double trainLoss,
        double trainAccuracy,
        double validationLoss,
        double validationAccuracy,
        Map<String, Double> trainMeasures,
        Map<String, Double> measures,
        double learningRate,
        double samplesPerSecond,
        double seconds) {

    public EpochMetrics {
        trainMeasures = Collections.unmodifiableMap(new LinkedHashMap<>(trainMeasures));
        measures = Collections.unmodifiableMap(new LinkedHashMap<>(measures));
    }

    /** Returns a measure on the training samples, or NaN if there is none of that name. */
    double trainMeasure(String name) {
        return trainMeasures.getOrDefault(name, Double.NaN);
    }

    /** Returns a measure, or NaN if there is none of that name. */
    double measure(String name) {
        return measures.getOrDefault(name, Double.NaN);
    }
}
