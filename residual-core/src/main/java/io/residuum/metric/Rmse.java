package io.residuum.metric;

import io.residuum.spec.TypeName;

/** The root of the mean squared error over all known numbers. */
@TypeName("rmse")
public record Rmse() implements MetricSpec {
    @Override
    public Metric of(MeasuredOutput output) {
        output.requireNumbers("rmse");
        return new NumberErrors("RMSE", (y, t) -> (y - t) * (y - t), Math::sqrt);
    }
}
