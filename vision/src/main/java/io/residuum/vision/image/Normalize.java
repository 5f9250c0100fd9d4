package io.residuum.vision.image;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;

/**
 * Normalizes images: subtracts a mean and divides by a standard deviation per channel.
 *
 * @param mean mean of each channel, for values in [0, 1]
 * @param std standard deviation of each channel
 */
public record Normalize(List<Double> mean, List<Double> std) {
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

    /**
     * Normalizes an image in place.
     *
     * @param image values in [0, 1], one channel per mean
     */
    public void apply(Image image) {
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
}
