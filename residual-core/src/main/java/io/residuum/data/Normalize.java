package io.residuum.data;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.spec.TypeName;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Subtracts a mean and divides by a standard deviation, channel by channel.
 *
 * @param mean of each channel, of values in [0, 1]
 * @param std of each channel
 */
@TypeName("normalize")
public record Normalize(List<Double> mean, List<Double> std) implements Augmentation {
    /** Checks the lists and keeps copies. */
    public Normalize {
        mean = List.copyOf(mean);
        std = List.copyOf(std);
        checkArgument(
                mean.size() == std.size() && !mean.isEmpty(),
                "mean and std must have one number for each channel, got %s and %s",
                mean,
                std);
        checkArgument(
                mean.stream().allMatch(Double::isFinite), "mean must be finite, got %s", mean);
        checkArgument(
                std.stream().allMatch(s -> s > 0 && Double.isFinite(s)),
                "std must be positive, got %s",
                std);
    }

    @Override
    public void apply(Image image, ImageShape wanted, RandomGenerator random) {
        float[] values = image.values();
        int plane = image.shape().plane();
        for (int c = 0; c < mean.size(); c++) {
            float factor = (float) (1 / std.get(c));
            float shift = (float) (-mean.get(c) / std.get(c));
            for (int i = c * plane; i < (c + 1) * plane; i++) {
                values[i] = values[i] * factor + shift;
            }
        }
    }

    /**
     * Measures a set: the mean and standard deviation of each channel over its pixels.
     *
     * @param set the set
     * @param limit how many images to measure at most, spread evenly over the set
     * @return the normalization that gives these images mean 0 and standard deviation 1
     */
    public static Normalize measuredOn(ImageSet set, int limit) {
        int channels = set.shape().channels();
        int plane = set.shape().plane();
        double[] sum = new double[channels];
        double[] squares = new double[channels];
        Image image = new Image();
        int count = Math.min(limit, set.size());
        for (int i = 0; i < count; i++) {
            set.read((int) ((long) i * set.size() / count), image);
            float[] values = image.values();
            for (int c = 0; c < channels; c++) {
                for (int p = c * plane; p < (c + 1) * plane; p++) {
                    sum[c] += values[p];
                    squares[c] += (double) values[p] * values[p];
                }
            }
        }
        Double[] mean = new Double[channels];
        Double[] std = new Double[channels];
        double n = (double) count * plane;
        for (int c = 0; c < channels; c++) {
            mean[c] = sum[c] / n;
            double variance = squares[c] / n - mean[c] * mean[c];
            // a channel without contrast stays as it is
            std[c] = variance > 1e-10 ? Math.sqrt(variance) : 1.0;
        }
        return new Normalize(List.of(mean), List.of(std));
    }
}
