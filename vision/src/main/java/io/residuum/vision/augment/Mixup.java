package io.residuum.vision.augment;

import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.vision.image.ImageShape;
import java.util.random.RandomGenerator;

/**
 * Mixup: weighted sums of two images and of their targets, with one weight per batch from
 * Beta(alpha, alpha). Zhang et al., "mixup: beyond empirical risk minimization", 2018.
 *
 * @param alpha strength; the paper uses 1 for CIFAR-10, 0.2 for ImageNet
 */
@TypeName("mixup")
public record Mixup(@Default("0.2") double alpha) implements Mixing {
    public Mixup {
        Pairs.checkAlpha(alpha);
    }

    @Override
    public void apply(
            float[] images, ImageShape shape, float[] targets, int size, RandomGenerator random) {
        float kept = (float) Pairs.beta(alpha, random);
        Pairs.blend(images, shape.length(), size, kept);
        Pairs.blend(targets, targets.length / size, size, kept);
    }
}
