package io.residuum.train.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What was measured in one epoch. A number that is not known is NaN.
 *
 * @param epoch counted from 1
 * @param trainLoss mean over the epoch's training labels
 * @param trainAccuracy in [0, 1], on the augmented training samples as they were seen
 * @param validationLoss mean over the validation labels, after the epoch
 * @param validationAccuracy in [0, 1], after the epoch
 * @param measures what else was measured, by name in lower case, in order
 * @param learningRate of the epoch's last step
 * @param samplesPerSecond training throughput: images, tokens or texts
 * @param seconds wall time of the epoch, validation included
 */
public record EpochMetrics(
        int epoch,
        double trainLoss,
        double trainAccuracy,
        double validationLoss,
        double validationAccuracy,
        Map<String, Double> measures,
        double learningRate,
        double samplesPerSecond,
        double seconds) {

    /** Takes a copy of the measures. */
    public EpochMetrics {
        measures = Collections.unmodifiableMap(new LinkedHashMap<>(measures));
    }

    /** A measure; NaN where there is none of the name. */
    double measure(String name) {
        return measures.getOrDefault(name, Double.NaN);
    }
}
