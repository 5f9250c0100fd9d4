package io.residuum.vision.augment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.vision.data.ImageSet;
import io.residuum.vision.data.TestImages;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.image.Normalize;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AugmentationTest {
    private static final ImageShape SHAPE = new ImageShape(3, 9, 7);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void aPaddedCropIsAShiftedCopy(long seed) {
        float[] before = TestImages.values(TestImages.randomImage(SHAPE, seed));
        float[] after = applied(new RandomCrop(3), seed);
        int matches = 0;
        for (int dy = -3; dy <= 3; dy++) {
            for (int dx = -3; dx <= 3; dx++) {
                matches += Arrays.equals(shifted(before, dy, dx), after) ? 1 : 0;
            }
        }
        assertEquals(1, matches);
    }

    @Test
    void paddedCropsReachEveryPlace() {
        ImageShape point = new ImageShape(1, 5, 5);
        Set<Integer> places = new HashSet<>();
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 2000; i++) {
            Image image = TestImages.image(point, new float[25]);
            image.values()[12] = 1;
            new RandomCrop(2).apply(image, point, random);
            for (int p = 0; p < 25; p++) {
                if (image.values()[p] == 1) {
                    places.add(p);
                }
            }
        }
        assertEquals(25, places.size());
    }

    @Test
    void aFlipTwiceIsNothingAndOnceMirrors() {
        Image image = TestImages.randomImage(SHAPE, 3);
        float[] before = TestImages.values(image);
        SplittableRandom random = new SplittableRandom(1);
        new HorizontalFlip(1).apply(image, SHAPE, random);
        assertEquals(before[6], image.values()[0]);
        assertEquals(before[7], image.values()[13]);
        new HorizontalFlip(1).apply(image, SHAPE, random);
        assertArrayEquals(before, TestImages.values(image));
        new HorizontalFlip(0).apply(image, SHAPE, random);
        assertArrayEquals(before, TestImages.values(image));
    }

    @Test
    void flipsAsOftenAsAsked() {
        SplittableRandom random = new SplittableRandom(5);
        ImageShape pair = new ImageShape(1, 1, 2);
        int flips = 0;
        for (int i = 0; i < 10_000; i++) {
            Image image = TestImages.image(pair, 0, 1);
            new HorizontalFlip(0.3).apply(image, pair, random);
            flips += image.values()[0] == 1 ? 1 : 0;
        }
        assertEquals(3000, flips, 200);
    }

    @Test
    void resizedCropsHaveTheAskedAreaAspectAndSize() {
        // the value of a pixel is its place, which a bilinear resize keeps linear
        ImageShape big = new ImageShape(1, 100, 140);
        ImageShape wanted = new ImageShape(1, 20, 20);
        SplittableRandom random = new SplittableRandom(11);
        double smallest = 1;
        double largest = 0;
        for (int i = 0; i < 300; i++) {
            Image rows = ramp(big, true);
            Image columns = ramp(big, false);
            long seed = random.nextLong();
            RandomResizedCrop crop = new RandomResizedCrop(0.1, 0.5, 0.75, 4.0 / 3);
            crop.apply(rows, wanted, new SplittableRandom(seed));
            crop.apply(columns, wanted, new SplittableRandom(seed));
            assertEquals(wanted, rows.shape());
            // differences over half of the output, doubled, are the window's sides
            double height = (rows.values()[300] - rows.values()[100]) * 2;
            double width = (columns.values()[15] - columns.values()[5]) * 2;
            double area = height * width / big.plane();
            assertTrue(area > 0.095 && area < 0.505, "area " + area);
            assertTrue(width / height > 0.72 && width / height < 1.38, width + " x " + height);
            smallest = Math.min(smallest, area);
            largest = Math.max(largest, area);
        }
        assertTrue(smallest < 0.15 && largest > 0.45, smallest + " to " + largest);
    }

    @Test
    void anImpossibleResizedCropFallsBackToTheMiddle() {
        ImageShape strip = new ImageShape(1, 2, 60);
        Image image = ramp(strip, false);
        ImageShape wanted = new ImageShape(1, 4, 4);
        new RandomResizedCrop(1, 1, 1, 1).apply(image, wanted, new SplittableRandom(1));
        assertEquals(wanted, image.shape());
        assertEquals(29, image.values()[0], 0.5);
    }

    @Test
    void normalizesEachChannel() {
        ImageShape two = new ImageShape(3, 1, 1);
        Image image = TestImages.image(two, 0.5f, 0.25f, 1f);
        new Normalize(List.of(0.5, 0.5, 0.0), List.of(0.1, 0.25, 2.0)).apply(image);
        assertArrayEquals(new float[] {0, -1, 0.5f}, TestImages.values(image), 1e-6f);
    }

    @Test
    void aMeasuredNormalizationNormalizes() {
        ImageSet set = TestImages.random(SHAPE, 50, 5, 9);
        Normalize measured = set.measuredNormalization(50);
        double sum = 0;
        double squares = 0;
        Image image = new Image();
        for (int i = 0; i < 50; i++) {
            set.read(i, image);
            measured.apply(image);
            for (float value : TestImages.values(image)) {
                sum += value;
                squares += value * value;
            }
        }
        assertEquals(0, sum / 50 / SHAPE.length(), 1e-4);
        assertEquals(1, squares / 50 / SHAPE.length(), 1e-4);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void cutoutClearsOneSquareInAllChannels(long seed) {
        float[] after = applied(new Cutout(4), seed);
        float[] before = TestImages.values(TestImages.randomImage(SHAPE, seed));
        int cleared = 0;
        for (int p = 0; p < SHAPE.plane(); p++) {
            boolean zero = after[p] == 0;
            cleared += zero ? 1 : 0;
            for (int c = 0; c < 3; c++) {
                int i = c * SHAPE.plane() + p;
                assertEquals(zero ? 0 : before[i], after[i]);
            }
        }
        // a corner keeps at least 2 x 2 of the square inside
        assertTrue(cleared >= 4 && cleared <= 16, cleared + " pixels");
    }

    @Test
    void brightnessScalesAndSaturationKeepsLuma() {
        ImageShape one = new ImageShape(3, 1, 1);
        for (long seed = 0; seed < 50; seed++) {
            Image image = TestImages.image(one, 0.4f, 0.2f, 0.3f);
            new ColorJitter(0.5, 0, 0, 0).apply(image, one, new SplittableRandom(seed));
            float[] v = image.values();
            float factor = v[0] / 0.4f;
            assertTrue(factor >= 0.5f && factor <= 1.5f);
            assertEquals(0.2f * factor, v[1], 1e-6f);
            assertEquals(0.3f * factor, v[2], 1e-6f);

            image = TestImages.image(one, 0.4f, 0.3f, 0.35f);
            new ColorJitter(0, 0, 0.9, 0).apply(image, one, new SplittableRandom(seed));
            v = image.values();
            assertEquals(Image.luma(0.4f, 0.3f, 0.35f), Image.luma(v[0], v[1], v[2]), 1e-6f);
        }
    }

    @Test
    void contrastKeepsTheMeanLuma() {
        ImageShape two = new ImageShape(1, 1, 2);
        for (long seed = 0; seed < 50; seed++) {
            Image image = TestImages.image(two, 0.4f, 0.6f);
            new ColorJitter(0, 0.8, 0, 0).apply(image, two, new SplittableRandom(seed));
            assertEquals(1f, image.values()[0] + image.values()[1], 1e-6f);
            float contrast = (image.values()[1] - image.values()[0]) / 0.2f;
            assertTrue(contrast >= 0.199f && contrast <= 1.801f, "contrast " + contrast);
        }
    }

    @Test
    void hueKeepsValueAndSaturationAndTurnsTheCircle() {
        ImageShape one = new ImageShape(3, 1, 1);
        boolean green = false;
        for (long seed = 0; seed < 200; seed++) {
            Image image = TestImages.image(one, 0.8f, 0.2f, 0.2f);
            new ColorJitter(0, 0, 0, 0.5).apply(image, one, new SplittableRandom(seed));
            float[] v = image.values();
            assertEquals(0.8f, Math.max(v[0], Math.max(v[1], v[2])), 1e-6f);
            assertEquals(0.2f, Math.min(v[0], Math.min(v[1], v[2])), 1e-6f);
            green |= v[1] > v[0] && v[1] > v[2];
        }
        assertTrue(green);
    }

    @Test
    void jitterStaysInRangeAndLeavesGrayGray() {
        for (long seed = 0; seed < 50; seed++) {
            for (float value : applied(new ColorJitter(2, 2, 2, 0.5), seed)) {
                assertTrue(value >= 0 && value <= 1, "value " + value);
            }
            Image gray = TestImages.randomImage(new ImageShape(1, 4, 4), seed);
            float[] before = TestImages.values(gray);
            new ColorJitter(0, 0, 1, 0.5).apply(gray, gray.shape(), new SplittableRandom(seed));
            assertArrayEquals(before, TestImages.values(gray));
        }
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertRefused("padding must be 0 or more, got -1", () -> new RandomCrop(-1));
        assertRefused("probability must be in [0, 1], got 1.5", () -> new HorizontalFlip(1.5));
        assertRefused("scaleMin", () -> new RandomResizedCrop(0.5, 0.1, 1, 1));
        assertRefused("hue must be in [0, 0.5], got 0.6", () -> new ColorJitter(0, 0, 0, 0.6));
        assertRefused("std must be positive", () -> new Normalize(List.of(0.0), List.of(0.0)));
        assertRefused("size must be positive", () -> new Cutout(0));
        assertRefused("alpha must be positive", () -> new Mixup(0));
        assertRefused("alpha must be positive", () -> new CutMix(Double.NaN));
    }

    private static void assertRefused(String part, Runnable action) {
        String message = assertThrows(IllegalArgumentException.class, action::run).getMessage();
        assertTrue(message.contains(part), message);
    }

    private static float[] applied(Augmentation augmentation, long seed) {
        Image image = TestImages.randomImage(SHAPE, seed);
        augmentation.apply(image, SHAPE, new SplittableRandom(seed));
        return TestImages.values(image);
    }

    private static float[] shifted(float[] values, int dy, int dx) {
        float[] out = new float[values.length];
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < 9; y++) {
                for (int x = 0; x < 7; x++) {
                    int sy = y + dy;
                    int sx = x + dx;
                    if (sy >= 0 && sy < 9 && sx >= 0 && sx < 7) {
                        out[(c * 9 + y) * 7 + x] = values[(c * 9 + sy) * 7 + sx];
                    }
                }
            }
        }
        return out;
    }

    private static Image ramp(ImageShape shape, boolean rows) {
        Image image = new Image();
        float[] values = image.reset(shape);
        for (int y = 0; y < shape.height(); y++) {
            for (int x = 0; x < shape.width(); x++) {
                values[y * shape.width() + x] = rows ? y : x;
            }
        }
        return image;
    }
}
