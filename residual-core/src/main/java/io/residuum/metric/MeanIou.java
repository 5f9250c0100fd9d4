package io.residuum.metric;

import io.residuum.spec.Default;
import io.residuum.spec.TypeName;

/**
 * The mean intersection over union (Jaccard index) of the classes or labels that occur among
 * targets or predictions, counted over all pixels of the data.
 *
 * @param perClass true to add the values of every class. Default: false
 */
@TypeName("meanIou")
public record MeanIou(@Default("false") boolean perClass) implements MetricSpec {
    @Override
    public Metric of(MeasuredOutput output) {
        ClassCounts counts = output.counts();
        return PerClass.metric(
                output.names(),
                perClass,
                new PerClass("mean IoU", "IoU", counts::occurs, counts::iou));
    }
}
