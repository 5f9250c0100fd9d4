package io.residuum.examples.extend;

import io.residuum.metric.MeasuredOutput;
import io.residuum.metric.Metric;
import io.residuum.metric.MetricBatch;
import io.residuum.metric.MetricSpec;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.TypeName;
import java.util.Map;

/**
 * A metric: the share of numbers that are predicted within a tolerance.
 *
 * @param tolerance the largest error that counts as right. Default: 0.1
 */
@TypeName("within")
@Doc("The share of numbers that are predicted within a tolerance.")
public record Within(@Default("0.1") double tolerance) implements MetricSpec {
    @Override
    public Metric of(MeasuredOutput output) {
        output.requireNumbers("within");
        return new Metric() {
            private long right;
            private long known;

            @Override
            public void add(MetricBatch batch) {
                float[] targets = batch.numbers();
                for (int i = 0; i < targets.length; i++) {
                    known += Float.isNaN(targets[i]) ? 0 : 1;
                    right += Math.abs(batch.output()[i] - targets[i]) <= tolerance ? 1 : 0;
                }
            }

            @Override
            public Map<String, Double> values() {
                return Map.of("within " + tolerance, (double) right / known);
            }
        };
    }
}
