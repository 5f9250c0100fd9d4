package io.residuum.metric;

import io.residuum.spec.Doc;
import io.residuum.spec.TypeName;

/** The mean absolute error over all known numbers. */
@TypeName("mae")
@Doc("The mean absolute error.")
public record Mae() implements MetricSpec {
    @Override
    public Metric of(MeasuredOutput output) {
        output.requireNumbers("mae");
        return new NumberErrors("MAE", (y, t) -> Math.abs(y - t), mean -> mean);
    }
}
