package io.residuum.metric;

import io.residuum.spec.Default;
import io.residuum.spec.TypeName;

/**
 * The average precision of each class against the rest, without interpolation, as the mean over the
 * classes or labels that have positive samples (mAP).
 *
 * @param perClass true to add the values of every class. Default: false
 */
@TypeName("averagePrecision")
public record AveragePrecision(@Default("false") boolean perClass) implements MetricSpec {
    @Override
    public Metric of(MeasuredOutput output) {
        RankedScores scores = output.scores();
        return PerClass.metric(
                output.names(),
                perClass,
                new PerClass("average precision", scores::hasPositives, scores::averagePrecision));
    }
}
