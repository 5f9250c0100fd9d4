package io.residuum.metric;

import io.residuum.spec.Default;
import io.residuum.spec.TypeName;

/**
 * The area under the ROC curve of each class against the rest, as the mean over the classes or
 * labels that have positive and negative samples. Equal scores count one half.
 *
 * @param perClass true to add the values of every class. Default: false
 */
@TypeName("rocAuc")
public record RocAuc(@Default("false") boolean perClass) implements MetricSpec {
    @Override
    public Metric of(MeasuredOutput output) {
        RankedScores scores = output.scores();
        return PerClass.metric(
                output.names(), perClass, new PerClass("ROC AUC", scores::hasBoth, scores::rocAuc));
    }
}
