package io.residuum.metric;

import ai.djl.ndarray.types.Shape;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The structural similarity of images (Wang et al. 2004), as the mean over channels and images,
 * with the paper's Gaussian window of 11 x 11 pixels and a standard deviation of 1.5. Windows lie
 * inside the image. Images with unknown pixels do not count.
 *
 * @param range the difference of the largest and the smallest possible value, positive. Default: 1
 */
@TypeName("ssim")
public record Ssim(@Default("1.0") double range) implements MetricSpec {
    /** The side of the window in pixels. */
    static final int WINDOW = 11;

    private static final double[] GAUSSIAN = gaussian(1.5);
    private static final double K1 = 0.01;
    private static final double K2 = 0.03;

    public Ssim {
        Check.positive("range", range);
    }

    @Override
    public Metric of(MeasuredOutput output) {
        output.requireNumbers("ssim");
        Shape shape = output.shape();
        if (shape.dimension() != 4 || shape.get(2) < WINDOW || shape.get(3) < WINDOW) {
            throw new MetricException(
                    "ssim needs images (N, channels, height, width) of at least %d x %d pixels, got %s: use psnr"
                            .formatted(WINDOW, WINDOW, shape));
        }
        return new Similarity(range);
    }

    private static double[] gaussian(double deviation) {
        double[] weights =
                IntStream.range(0, WINDOW)
                        .mapToDouble(i -> (i - WINDOW / 2) / deviation)
                        .map(x -> Math.exp(-x * x / 2))
                        .toArray();
        double sum = IntStream.range(0, WINDOW).mapToDouble(i -> weights[i]).sum();
        return IntStream.range(0, WINDOW).mapToDouble(i -> weights[i] / sum).toArray();
    }

    private static final class Similarity implements Metric {
        private final double c1;
        private final double c2;
        private double sum;
        private long planes;

        Similarity(double range) {
            c1 = K1 * range * K1 * range;
            c2 = K2 * range * K2 * range;
        }

        @Override
        public void add(MetricBatch batch) {
            int height = Math.toIntExact(batch.shape().get(2));
            int width = Math.toIntExact(batch.shape().get(3));
            int area = height * width;
            for (int from = 0; from < batch.output().length; from += area) {
                double mean = mean(batch.output(), batch.numbers(), from, height, width);
                if (!Double.isNaN(mean)) {
                    sum += mean;
                    planes++;
                }
            }
        }

        private double mean(float[] x, float[] y, int from, int height, int width) {
            double[] xs = filtered(i -> x[from + i], height, width);
            double[] ys = filtered(i -> y[from + i], height, width);
            double[] xx = filtered(i -> (double) x[from + i] * x[from + i], height, width);
            double[] yy = filtered(i -> (double) y[from + i] * y[from + i], height, width);
            double[] xy = filtered(i -> (double) x[from + i] * y[from + i], height, width);
            double total = 0;
            for (int i = 0; i < xs.length; i++) {
                double means = xs[i] * ys[i];
                double squares = xs[i] * xs[i] + ys[i] * ys[i];
                total +=
                        (2 * means + c1)
                                * (2 * (xy[i] - means) + c2)
                                / ((squares + c1) * (xx[i] + yy[i] - squares + c2));
            }
            return total / xs.length;
        }

        @Override
        public Map<String, Double> values() {
            return Map.of("SSIM", sum / planes);
        }
    }

    private interface Pixels {
        double at(int index);
    }

    /** Filters a plane by the Gaussian window, which is separable, where it lies inside. */
    private static double[] filtered(Pixels plane, int height, int width) {
        int columns = width - WINDOW + 1;
        double[] rows = new double[height * columns];
        for (int i = 0; i < rows.length; i++) {
            int from = i / columns * width + i % columns;
            for (int k = 0; k < WINDOW; k++) {
                rows[i] += GAUSSIAN[k] * plane.at(from + k);
            }
        }
        double[] result = new double[(height - WINDOW + 1) * columns];
        for (int i = 0; i < result.length; i++) {
            for (int k = 0; k < WINDOW; k++) {
                result[i] += GAUSSIAN[k] * rows[i + k * columns];
            }
        }
        return result;
    }
}
