package io.residuum.train.callback;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A finished epoch.
 *
 * @param epoch the epoch, counted from 1
 * @param epochs the number of epochs of the run
 * @param updates the updates since the run began
 * @param learningRate the learning rate of the last update
 * @param measures the values by their names in {@code metrics.jsonl}: {@value #TRAIN_LOSS}, with
 *     validation data {@value #VALIDATION_LOSS}, for classifiers {@value #TRAIN_ACCURACY} and
 *     {@value #VALIDATION_ACCURACY}, then the task's other measures. NaN for those that are not
 *     finite
 */
public record EpochEnd(
        int epoch, int epochs, long updates, double learningRate, Map<String, Double> measures) {
    /** The name of the mean loss over the training labels. */
    public static final String TRAIN_LOSS = "trainLoss";

    /** The name of the accuracy on the training labels. */
    public static final String TRAIN_ACCURACY = "trainAccuracy";

    /** The name of the mean loss over the validation labels. */
    public static final String VALIDATION_LOSS = "validationLoss";

    /** The name of the accuracy on the validation labels. */
    public static final String VALIDATION_ACCURACY = "validationAccuracy";

    public EpochEnd {
        measures = Collections.unmodifiableMap(new LinkedHashMap<>(measures));
    }
}
