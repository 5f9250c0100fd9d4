package io.residuum.vision.augment;

import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.vision.image.ImageShape;
import java.util.random.RandomGenerator;

/**
 * CutMix: swaps a rectangle between two images and mixes their targets by the remaining areas. The
 * area is 1 - lambda with lambda from Beta(alpha, alpha). The rectangle is centred on a random
 * pixel and clipped to the image; the targets use the clipped area. Yun et al., "CutMix:
 * regularization strategy to train strong classifiers with localizable features", 2019.
 *
 * @param alpha parameter of the distribution of areas; the paper uses 1, which is uniform
 * @param weight the weight in the draw of one of several ways to mix, positive
 * @param probability the probability that a batch is mixed if this way is drawn, in [0, 1]
 */
@TypeName("cutMix")
public record CutMix(
        @Default("1.0") double alpha,
        @Default("1.0") double weight,
        @Default("1.0") double probability)
        implements Mixing {
    public CutMix {
        Pairs.checkAlpha(alpha);
        Pairs.checkDraw(weight, probability);
    }

    /**
     * Creates a way of mixing for each batch that draws it.
     *
     * @param alpha as for the record
     */
    public CutMix(double alpha) {
        this(alpha, 1, 1);
    }

    @Override
    public void apply(
            float[] images, ImageShape shape, float[] targets, int size, RandomGenerator random) {
        double side = Math.sqrt(1 - Pairs.beta(alpha, random));
        int height = (int) Math.round(side * shape.height());
        int width = (int) Math.round(side * shape.width());
        Box box = Box.around(random, shape, height, width);
        for (int i = 0; i < size / 2; i++) {
            int between = (size - 1 - 2 * i) * shape.length();
            for (int c = 0; c < shape.channels(); c++) {
                box.rows(shape, i * shape.length() + c * shape.plane())
                        .forEach(row -> swap(images, row, row + between, box.width()));
            }
        }
        float kept = 1 - (float) box.area() / shape.plane();
        Pairs.blend(targets, targets.length / size, size, kept);
    }

    private static void swap(float[] values, int a, int b, int length) {
        for (int i = 0; i < length; i++) {
            float moved = values[a + i];
            values[a + i] = values[b + i];
            values[b + i] = moved;
        }
    }
}
