package io.residuum.metric;

import io.residuum.spec.Default;
import io.residuum.spec.TypeName;

/**
 * Precision, recall and F1, each as the mean over the classes or labels that occur among targets or
 * predictions (macro average). A class that is never predicted has the precision 0.
 *
 * @param perClass true to add the values of every class. Default: false
 */
@TypeName("precisionRecall")
public record PrecisionRecall(@Default("false") boolean perClass) implements MetricSpec {
    @Override
    public Metric of(MeasuredOutput output) {
        ClassCounts counts = output.counts();
        return PerClass.metric(
                output.names(),
                perClass,
                new PerClass("precision", counts::occurs, counts::precision),
                new PerClass("recall", counts::occurs, counts::recall),
                new PerClass("F1", counts::occurs, counts::f1));
    }
}
