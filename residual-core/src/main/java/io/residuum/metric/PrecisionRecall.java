package io.residuum.metric;

import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.TypeName;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Precision, recall and F1, each as the mean over the classes or labels that occur among targets or
 * predictions (macro average). A class that is never predicted has the precision 0.
 *
 * @param perClass true to add the values of every class. Default: false
 */
@TypeName("precisionRecall")
@Doc("Precision, recall and F1, as means over classes.")
public record PrecisionRecall(@Default("false") boolean perClass) implements MetricSpec {
    @Override
    public Metric of(MeasuredOutput output) {
        ClassCounts counts = output.counts();
        return () -> {
            Map<String, Double> values = new LinkedHashMap<>();
            PerClass.add(
                    values,
                    "precision",
                    "precision",
                    output.names(),
                    counts::occurs,
                    counts::precision,
                    perClass);
            PerClass.add(
                    values,
                    "recall",
                    "recall",
                    output.names(),
                    counts::occurs,
                    counts::recall,
                    perClass);
            PerClass.add(values, "F1", "F1", output.names(), counts::occurs, counts::f1, perClass);
            return values;
        };
    }
}
