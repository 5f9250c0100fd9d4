package io.residuum.metric;

import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.TypeName;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The mean intersection over union (Jaccard index) of the classes or labels that occur among
 * targets or predictions, counted over all pixels of the data.
 *
 * @param perClass true to add the values of every class. Default: false
 */
@TypeName("meanIou")
@Doc("The mean intersection over union of classes.")
public record MeanIou(@Default("false") boolean perClass) implements MetricSpec {
    @Override
    public Metric of(MeasuredOutput output) {
        ClassCounts counts = output.counts();
        return () -> {
            Map<String, Double> values = new LinkedHashMap<>();
            PerClass.add(
                    values,
                    "mean IoU",
                    "IoU",
                    output.names(),
                    counts::occurs,
                    counts::iou,
                    perClass);
            return values;
        };
    }
}
