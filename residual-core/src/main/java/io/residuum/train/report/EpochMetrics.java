package io.residuum.train.report;

/**
 * What was measured in one epoch. A number that is not known is NaN.
 *
 * @param epoch counted from 1
 * @param trainLoss mean over the epoch's training samples
 * @param trainAccuracy in [0, 1], on the augmented training samples as they were seen
 * @param validationLoss mean over the validation samples, after the epoch
 * @param validationAccuracy in [0, 1], after the epoch
 * @param learningRate of the epoch's last step
 * @param imagesPerSecond training throughput
 * @param seconds wall time of the epoch, validation included
 */
public record EpochMetrics(
        int epoch,
        double trainLoss,
        double trainAccuracy,
        double validationLoss,
        double validationAccuracy,
        double learningRate,
        double imagesPerSecond,
        double seconds) {}
