package io.residuum.train.report;

import io.residuum.model.Summary;
import io.residuum.spec.ModelSpec;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that a report shows. A part that is empty has no section.
 *
 * @param title the model and the data set, for instance {@code resnet20 on digits}
 * @param spec the network
 * @param summary its layers and their costs
 * @param recipe how it was trained: JSON with all defaults, shown as it is
 * @param environment where it was trained, a {@code key: value} a line
 * @param unit what is counted, a plural noun: images, tokens, texts
 * @param epochs what was measured, in order
 * @param stepLosses a finer curve of the loss, in order; its last step ends the last epoch
 * @param predictions what the best network took its samples for
 * @param samples what the network wrote, in order
 * @param facts the first headline numbers, label to value, in order. The report adds those of the
 *     best epoch, {@code Parameters}, {@code MACs}, {@code Training time} and the speed where they
 *     are not among them
 */
public record ReportData(
        String title,
        ModelSpec spec,
        Summary summary,
        String recipe,
        String environment,
        String unit,
        List<EpochMetrics> epochs,
        List<StepLoss> stepLosses,
        Predictions predictions,
        List<Sample> samples,
        Map<String, String> facts) {

    /** Takes copies of the parts. */
    public ReportData {
        epochs = List.copyOf(epochs);
        stepLosses = List.copyOf(stepLosses);
        samples = List.copyOf(samples);
        facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    }
}
