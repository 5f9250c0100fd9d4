package io.residuum.metric;

import io.residuum.spec.TypeName;

/** The mean absolute error over all known numbers. */
@TypeName("mae")
public record Mae() implements MetricSpec {
    @Override
    public Metric of(MeasuredOutput output) {
        output.requireNumbers("mae");
        return new NumberErrors("MAE", (y, t) -> Math.abs(y - t), mean -> mean);
    }
}
