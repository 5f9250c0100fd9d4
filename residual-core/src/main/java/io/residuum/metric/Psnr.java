package io.residuum.metric;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import java.util.Map;

/**
 * The peak signal-to-noise ratio in decibels, as the mean over images. A perfect image makes it
 * infinite.
 *
 * @param range the difference of the largest and the smallest possible value, positive. Default: 1
 */
@TypeName("psnr")
public record Psnr(@Default("1.0") double range) implements MetricSpec {
    public Psnr {
        Check.positive("range", range);
    }

    @Override
    public Metric of(MeasuredOutput output) {
        output.requireNumbers("psnr");
        return new Metric() {
            private double sum;
            private long images;

            @Override
            public void add(MetricBatch batch) {
                for (int image = 0; image < batch.samples(); image++) {
                    double mse = batch.meanSquaredError(image);
                    if (!Double.isNaN(mse)) {
                        sum += 10 * Math.log10(range * range / mse);
                        images++;
                    }
                }
            }

            @Override
            public Map<String, Double> values() {
                return Map.of("PSNR", sum / images);
            }
        };
    }
}
