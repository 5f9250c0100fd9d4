package io.residuum.vision.augment;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.data.Seeds;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.random.RandomGenerator;

/**
 * Random brightness, contrast, saturation and hue, in random order, as defined by torchvision. A
 * factor from [max(0, 1 - strength), 1 + strength] blends the image with black, with the mean of
 * its luma, or with its luma. Hue shifts by an amount in [-hue, hue] of the circle. Values are
 * clipped to [0, 1] after each step. Gray images have neither saturation nor hue. Introduced by
 * Krizhevsky, Sutskever and Hinton 2012 and Howard 2013.
 *
 * @param brightness strength, 0 for none
 * @param contrast strength, 0 for none
 * @param saturation strength, 0 for none
 * @param hue strength, 0 for none, at most 0.5
 */
@TypeName("colorJitter")
public record ColorJitter(
        @Default("0.0") double brightness,
        @Default("0.0") double contrast,
        @Default("0.0") double saturation,
        @Default("0.0") double hue)
        implements Augmentation {
    public ColorJitter {
        checkStrength("brightness", brightness);
        checkStrength("contrast", contrast);
        checkStrength("saturation", saturation);
        checkArgument(hue >= 0 && hue <= 0.5, "hue must be in [0, 0.5], got %s", hue);
    }

    @Override
    public void apply(Image image, ImageShape wanted, RandomGenerator random) {
        int[] order = Seeds.permutation(4, random);
        for (int which : order) {
            switch (which) {
                case 0 -> blend(image, Against.BLACK, brightness, random);
                case 1 -> blend(image, Against.MEAN_LUMA, contrast, random);
                case 2 -> blend(image, Against.LUMA, saturation, random);
                default -> shiftHue(image, random);
            }
        }
    }

    private enum Against {
        BLACK,
        MEAN_LUMA,
        LUMA
    }

    private static void blend(
            Image image, Against against, double strength, RandomGenerator random) {
        boolean gray = image.shape().channels() == 1;
        if (strength == 0 || (gray && against == Against.LUMA)) {
            return;
        }
        double low = Math.max(0, 1 - strength);
        float factor = (float) (low + (1 + strength - low) * random.nextDouble());
        float[] v = image.values();
        int plane = image.shape().plane();
        float other = against == Against.MEAN_LUMA ? meanLuma(image) : 0f;
        for (int i = 0; i < plane; i++) {
            if (against == Against.LUMA) {
                other = Image.luma(v[i], v[plane + i], v[2 * plane + i]);
            }
            for (int p = i; p < image.shape().length(); p += plane) {
                v[p] = clamp(factor * v[p] + (1 - factor) * other);
            }
        }
    }

    private static float meanLuma(Image image) {
        float[] v = image.values();
        int plane = image.shape().plane();
        double sum = 0;
        for (int i = 0; i < plane; i++) {
            sum +=
                    image.shape().channels() == 1
                            ? v[i]
                            : Image.luma(v[i], v[plane + i], v[2 * plane + i]);
        }
        return (float) (sum / plane);
    }

    /** Shifts every pixel's hue: from RGB to HSV and back, with the same saturation and value. */
    private void shiftHue(Image image, RandomGenerator random) {
        if (hue == 0 || image.shape().channels() == 1) {
            return;
        }
        float shift = (float) (6 * hue * (2 * random.nextDouble() - 1));
        float[] v = image.values();
        int plane = image.shape().plane();
        for (int i = 0; i < plane; i++) {
            float r = v[i];
            float g = v[plane + i];
            float b = v[2 * plane + i];
            float max = Math.max(r, Math.max(g, b));
            float range = max - Math.min(r, Math.min(g, b));
            if (range == 0) {
                continue;
            }
            float sixth;
            if (max == r) {
                sixth = (g - b) / range;
            } else if (max == g) {
                sixth = 2 + (b - r) / range;
            } else {
                sixth = 4 + (r - g) / range;
            }
            float turned = sixth + shift;
            v[i] = channel(5, turned, max, range);
            v[plane + i] = channel(3, turned, max, range);
            v[2 * plane + i] = channel(1, turned, max, range);
        }
    }

    /** {@return a channel of RGB, by the closed form with n = 5, 3, 1 for red, green, blue} */
    private static float channel(int n, float sixth, float max, float range) {
        float k = n + sixth;
        k -= 6 * (float) Math.floor(k / 6);
        return max - range * Math.max(0, Math.min(1, Math.min(k, 4 - k)));
    }

    private static float clamp(float value) {
        return Math.max(0, Math.min(1, value));
    }

    private static void checkStrength(String name, double strength) {
        checkArgument(
                strength >= 0 && Double.isFinite(strength),
                "%s must be 0 or more, got %s",
                name,
                strength);
    }
}
