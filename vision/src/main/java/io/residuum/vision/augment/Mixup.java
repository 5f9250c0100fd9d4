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
 * @param weight the weight in the draw of one of several ways to mix, positive
 * @param probability the probability that a batch is mixed if this way is drawn, in [0, 1]
 */
@TypeName("mixup")
public record Mixup(
        @Default("0.2") double alpha,
        @Default("1.0") double weight,
        @Default("1.0") double probability)
        implements Mixing {
    public Mixup {
        Pairs.checkAlpha(alpha);
        Pairs.checkDraw(weight, probability);
    }

    /**
     * Creates a way of mixing for each batch that draws it.
     *
     * @param alpha as for the record
     */
    public Mixup(double alpha) {
        this(alpha, 1, 1);
    }

    @Override
    public void apply(
            float[] images, ImageShape shape, float[] targets, int size, RandomGenerator random) {
        float kept = (float) Pairs.beta(alpha, random);
        Pairs.blend(images, shape.length(), size, kept);
        Pairs.blend(targets, targets.length / size, size, kept);
    }
}
