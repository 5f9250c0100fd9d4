package io.residuum.train.report;

import static com.google.common.base.Preconditions.checkArgument;

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
 * @param epochs what was measured, in order
 * @param stepLosses a finer curve of the loss, in order; its last step ends the last epoch
 * @param classNames the names of the classes; empty with {@code confusion}
 * @param confusion how many samples of class {@code [truth]} were taken for class {@code
 *     [predicted]}
 * @param mistakes misclassified images; the most confident ones are shown
 * @param facts the first headline numbers, label to value, in order. The report adds {@code
 *     Validation accuracy}, {@code Parameters}, {@code MACs}, {@code Training time} and {@code
 *     Images per second} where they are not among them
 */
public record ReportData(
        String title,
        ModelSpec spec,
        Summary summary,
        String recipe,
        String environment,
        List<EpochMetrics> epochs,
        List<StepLoss> stepLosses,
        List<String> classNames,
        long[][] confusion,
        List<Mistake> mistakes,
        Map<String, String> facts) {

    /** Checks the parts and takes copies of them. */
    public ReportData {
        epochs = List.copyOf(epochs);
        stepLosses = List.copyOf(stepLosses);
        classNames = List.copyOf(classNames);
        mistakes = List.copyOf(mistakes);
        facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
        confusion = copy(confusion);
        int classes = confusion.length;
        checkArgument(
                classes == 0 || classes == classNames.size(),
                "confusion must have a row for each of the %s classes, got %s rows",
                classNames.size(),
                classes);
        for (long[] row : confusion) {
            checkArgument(
                    row.length == classes,
                    "confusion must be square, got a row of %s in a matrix of %s rows",
                    row.length,
                    classes);
        }
    }

    @Override
    public long[][] confusion() {
        return copy(confusion);
    }

    private static long[][] copy(long[][] rows) {
        long[][] copy = rows.clone();
        for (int i = 0; i < copy.length; i++) {
            copy[i] = copy[i].clone();
        }
        return copy;
    }
}
