package io.residuum.train.report;

import io.residuum.model.Summary;
import io.residuum.spec.ModelSpec;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The contents of a report. The report has no section for an empty component.
 *
 * @param title the model and the data set, such as {@code resnet20 on digits}
 * @param spec the network
 * @param summary the layers of the network and their costs
 * @param recipe the training recipe: JSON with all defaults, shown unchanged
 * @param environment facts about the machine and the data, and warnings, one {@code key: value} per
 *     line
 * @param unit the unit that is counted, a plural noun: images, tokens, texts
 * @param epochs the metrics of the epochs, in order
 * @param bestEpoch the best epoch on the validation data, 0 for none
 * @param stepLosses a finer loss curve, in order; its last step ends the last epoch
 * @param predictions the predictions of the best network
 * @param samples the texts that the network wrote, in order
 * @param facts the first headline numbers, label to value, in order, such as the test accuracy. The
 *     report adds missing ones: the metrics of the best epoch, {@code Parameters}, {@code MACs},
 *     {@code Training time} and the speed
 */
public record ReportData(
        String title,
        ModelSpec spec,
        Summary summary,
        String recipe,
        String environment,
        String unit,
        List<EpochMetrics> epochs,
        int bestEpoch,
        List<StepLoss> stepLosses,
        Predictions predictions,
        List<SampleText> samples,
        Map<String, String> facts) {

    public ReportData {
        epochs = List.copyOf(epochs);
        stepLosses = List.copyOf(stepLosses);
        samples = List.copyOf(samples);
        facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    }
}
