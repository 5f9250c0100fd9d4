package io.residuum.vision.augment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.vision.image.ImageShape;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MixingTest {
    private static final ImageShape SHAPE = new ImageShape(3, 8, 6);
    private static final int SIZE = 5;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void mixupMixesImagesAsItMixesTargets(long seed) {
        float[] images = images();
        float[] targets = identity();
        new Mixup(1).apply(images, SHAPE, targets, SIZE, new SplittableRandom(seed));
        float[] original = images();
        int length = SHAPE.length();
        for (int i = 0; i < SIZE; i++) {
            for (int p = 0; p < length; p++) {
                float expected = 0;
                for (int k = 0; k < SIZE; k++) {
                    expected += targets[i * SIZE + k] * original[k * length + p];
                }
                assertEquals(expected, images[i * length + p], 1e-4f);
            }
        }
        assertRowsSumToOne(targets);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void cutMixTargetsAreTheAreas(long seed) {
        float[] images = images();
        float[] targets = identity();
        new CutMix(1).apply(images, SHAPE, targets, SIZE, new SplittableRandom(seed));
        float[] original = images();
        int length = SHAPE.length();
        for (int i = 0; i < SIZE; i++) {
            float[] share = new float[SIZE];
            for (int p = 0; p < length; p++) {
                int from = (int) images[i * length + p] / 1000;
                share[from] += 1f / length;
                // wherever it comes from, a pixel stays in its place
                assertEquals(original[from * length + p], images[i * length + p]);
            }
            for (int k = 0; k < SIZE; k++) {
                assertEquals(share[k], targets[i * SIZE + k], 1e-5f);
            }
        }
        assertRowsSumToOne(targets);
    }

    @Test
    void onlyPairsAreMixedAndTheMiddleIsKept() {
        float[] targets = identity();
        new Mixup(1).apply(images(), SHAPE, targets, SIZE, new SplittableRandom(3));
        assertEquals(1f, targets[2 * SIZE + 2]);
        assertEquals(targets[0], targets[4 * SIZE + 4]);
        assertEquals(targets[4], targets[4 * SIZE]);
        assertEquals(0f, targets[1]);
        assertTrue(targets[4] > 0);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.001, 0.2, 1, 8})
    void betaHasItsMeanAndVariance(double alpha) {
        SplittableRandom random = new SplittableRandom(17);
        int n = 100_000;
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < n; i++) {
            double x = Pairs.beta(alpha, random);
            assertTrue(x >= 0 && x <= 1, "beta gave " + x);
            sum += x;
            squares += x * x;
        }
        double mean = sum / n;
        assertEquals(0.5, mean, 0.01);
        assertEquals(1 / (4 * (2 * alpha + 1)), squares / n - mean * mean, 0.003);
    }

    @Test
    void aLambdaOfOneChangesNothing() {
        // Beta(1e-9, 1e-9) is 0 or 1: mixup then keeps or swaps whole images
        float[] images = images();
        new Mixup(1e-9).apply(images, SHAPE, identity(), SIZE, new SplittableRandom(2));
        float first = images[0];
        assertTrue(first == 0f || first == 4000f, "got " + first);
        float[] middle = new float[SHAPE.length()];
        System.arraycopy(images, 2 * SHAPE.length(), middle, 0, middle.length);
        float[] expected = new float[SHAPE.length()];
        System.arraycopy(images(), 2 * SHAPE.length(), expected, 0, expected.length);
        assertArrayEquals(expected, middle);
    }

    @Test
    void drawsByWeightAndProbability() {
        List<Mixing> ways = List.of(new Mixup(1, 3, 1), new CutMix(1, 1, 0.5));
        SplittableRandom random = new SplittableRandom(4);
        int mixup = 0;
        int none = 0;
        for (int i = 0; i < 10_000; i++) {
            Optional<Mixing> drawn = Mixing.draw(ways, random);
            mixup += drawn.filter(Mixup.class::isInstance).isPresent() ? 1 : 0;
            none += drawn.isEmpty() ? 1 : 0;
        }
        assertEquals(7500, mixup, 150);
        assertEquals(1250, none, 100);
    }

    @Test
    void dirichletHasItsMean() {
        SplittableRandom random = new SplittableRandom(6);
        double[] sums = new double[3];
        for (int i = 0; i < 10_000; i++) {
            double[] drawn = Pairs.dirichlet(0.5, 3, random);
            assertEquals(1, drawn[0] + drawn[1] + drawn[2], 1e-12);
            for (int k = 0; k < 3; k++) {
                sums[k] += drawn[k];
            }
        }
        for (double sum : sums) {
            assertEquals(10_000 / 3.0, sum, 100);
        }
    }

    /** The value of a pixel tells image (thousands) and place. */
    private static float[] images() {
        float[] images = new float[SIZE * SHAPE.length()];
        for (int i = 0; i < images.length; i++) {
            images[i] = i / SHAPE.length() * 1000 + i % SHAPE.length();
        }
        return images;
    }

    private static float[] identity() {
        float[] targets = new float[SIZE * SIZE];
        for (int i = 0; i < SIZE; i++) {
            targets[i * SIZE + i] = 1;
        }
        return targets;
    }

    private static void assertRowsSumToOne(float[] targets) {
        for (int i = 0; i < SIZE; i++) {
            float sum = 0;
            for (int k = 0; k < SIZE; k++) {
                sum += targets[i * SIZE + k];
            }
            assertEquals(1f, sum, 1e-6f);
        }
    }
}
