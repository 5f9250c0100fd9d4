package io.residuum.vision.augment;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.random.RandomGenerator;

/**
 * Crops a window of random area and aspect ratio and resizes it to the network's input: Szegedy et
 * al., "Going deeper with convolutions", 2015, section 6. As in torchvision, ten windows are tried.
 * Then the largest centred window of an allowed aspect ratio is used. Windows come from the
 * original image if the set has a larger one.
 *
 * @param scaleMin smallest area, as a fraction of the image's; the usual value is 0.08
 * @param scaleMax largest area; the usual value is 1
 * @param ratioMin smallest width / height; the usual value is 3/4
 * @param ratioMax largest width / height; the usual value is 4/3
 */
@TypeName("randomResizedCrop")
public record RandomResizedCrop(
        @Default("0.08") double scaleMin,
        @Default("1.0") double scaleMax,
        @Default("0.75") double ratioMin,
        @Default("1.3333333333333333") double ratioMax)
        implements Augmentation {
    private static final int TRIES = 10;

    public RandomResizedCrop {
        checkArgument(
                scaleMin > 0 && scaleMin <= scaleMax && scaleMax <= 1,
                "scaleMin and scaleMax must be in (0, 1] and in order, got %s and %s",
                scaleMin,
                scaleMax);
        checkArgument(
                ratioMin > 0 && ratioMin <= ratioMax && Double.isFinite(ratioMax),
                "ratioMin and ratioMax must be positive and in order, got %s and %s",
                ratioMin,
                ratioMax);
    }

    @Override
    public void apply(Image image, ImageShape wanted, RandomGenerator random) {
        int height = image.shape().height();
        int width = image.shape().width();
        for (int i = 0; i < TRIES; i++) {
            double area = height * (double) width * uniform(random, scaleMin, scaleMax);
            double ratio = Math.exp(uniform(random, Math.log(ratioMin), Math.log(ratioMax)));
            int w = (int) Math.round(Math.sqrt(area * ratio));
            int h = (int) Math.round(Math.sqrt(area / ratio));
            if (w > 0 && w <= width && h > 0 && h <= height) {
                int top = random.nextInt(height - h + 1);
                int left = random.nextInt(width - w + 1);
                image.resize(top, left, h, w, wanted.height(), wanted.width());
                return;
            }
        }
        double ratio = Math.max(ratioMin, Math.min(ratioMax, (double) width / height));
        int w = Math.max(1, Math.min(width, (int) Math.round(height * ratio)));
        int h = Math.max(1, Math.min(height, (int) Math.round(width / ratio)));
        image.resize((height - h) / 2, (width - w) / 2, h, w, wanted.height(), wanted.width());
    }

    private static double uniform(RandomGenerator random, double low, double high) {
        return low + (high - low) * random.nextDouble();
    }
}
