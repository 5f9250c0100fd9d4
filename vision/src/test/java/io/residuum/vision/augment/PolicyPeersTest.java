package io.residuum.vision.augment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.base.CaseFormat;
import com.google.common.io.Resources;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Transform;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against torchvision, timm and Pillow: resources/io/residuum/vision/augment/make_augment.py. */
class PolicyPeersTest {

    static Stream<Arguments> policies() throws IOException {
        return rows("policies.tsv").map(row -> Arguments.of(row[0], row[1], row[2], row[3]));
    }

    @ParameterizedTest
    @MethodSource("policies")
    void fixedDrawsGiveTheSamePixels(String json, String made, String draws, String expected) {
        int[] size = numbers(made);
        Image image = image(size[0], size[1], size[2]);
        Recorded random = new Recorded(draws);
        Augmentation policy =
                (Augmentation) SpecJson.standard().parse(json, "policy", Transform.class);
        if (policy instanceof AugMix mix) {
            mix.mix(image, 0.4, new double[] {0.1, 0.3, 0.2}, random);
        } else {
            policy.apply(image, image.shape(), random);
        }
        byte[] wanted = Base64.getDecoder().decode(expected);
        int[] found = bytes(image);
        int[] channelsFirst = new int[wanted.length];
        int plane = image.shape().plane();
        for (int i = 0; i < wanted.length; i++) {
            channelsFirst[i % 3 * plane + i / 3] = Byte.toUnsignedInt(wanted[i]);
        }
        assertArrayEquals(channelsFirst, found);
        assertTrue(random.draws.isEmpty(), "all draws are used");
    }

    @Test
    void everyOperationAndLevelAgrees() throws IOException {
        Levels levels = new Levels(31, 0.99, 0, 32, 135, 0.99, 8, 6);
        for (String[] row : rows("levels.tsv").toList()) {
            Operation operation =
                    Operation.valueOf(
                            CaseFormat.UPPER_CAMEL.to(CaseFormat.UPPER_UNDERSCORE, row[0]));
            int level = Integer.parseInt(row[1]);
            double argument = argument(operation, Double.parseDouble(row[3]));
            String[] sums = row[4].split(" ");
            for (Interpolation mode : Interpolation.values()) {
                Image image = image(32, 32, 7);
                // torch.linspace has digits that depend on the processor, before truncation to
                // pixels.
                double found = levels.argument(operation, level, row[2].equals("1"), image.shape());
                double tolerance =
                        row[0].startsWith("Translate") ? 1 : 1e-6 * (1 + Math.abs(argument));
                assertEquals(argument, found, tolerance, row[0] + level);
                Pixels pixels = Pixels.of(image);
                operation.apply(pixels, argument, mode, 7, 8, 9);
                pixels.copyTo(image);
                assertEquals(
                        Long.parseLong(sums[mode.ordinal()]),
                        checksum(image),
                        String.join(" ", row) + mode);
            }
        }
    }

    private static double argument(Operation operation, double magnitude) {
        return switch (operation) {
            case TRANSLATE_X, TRANSLATE_Y -> -(int) magnitude;
            case BRIGHTNESS, COLOR, CONTRAST, SHARPNESS -> 1 + magnitude;
            default -> magnitude;
        };
    }

    /** Channels last, as PyTorch's images are. */
    private static long checksum(Image image) {
        int[] values = bytes(image);
        int plane = image.shape().plane();
        long sum = 0;
        for (int i = 0; i < values.length; i++) {
            sum += values[i % 3 * plane + i / 3] * (i + 1L);
        }
        return sum;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "randAugment",
                "trivialAugmentWide",
                "autoAugment",
                "augMix",
                "timmRandAugment"
            })
    void policiesChangeGrayImagesAndKeepTheRange(String type) {
        Augmentation policy =
                (Augmentation)
                        SpecJson.standard().parse("\"" + type + "\"", "policy", Transform.class);
        SplittableRandom random = new SplittableRandom(3);
        ImageShape shape = new ImageShape(1, 8, 6);
        int changed = 0;
        for (int i = 0; i < 50; i++) {
            Image image = image(8, 6, i);
            image.convertTo(1);
            float[] before = Arrays.copyOf(image.values(), shape.length());
            policy.apply(image, shape, random);
            assertEquals(shape, image.shape());
            float[] after = Arrays.copyOf(image.values(), shape.length());
            for (float value : after) {
                assertTrue(value >= 0 && value <= 1, "value " + value);
            }
            changed += close(before, after) ? 0 : 1;
        }
        assertTrue(changed > 20, changed + " of 50");
    }

    private static boolean close(float[] a, float[] b) {
        return IntStream.range(0, a.length).allMatch(i -> Math.abs(a[i] - b[i]) < 0.004);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    rand-m9-x3     | sections m, n, p, mstd, mmax, inc, each with a number, or tweights, got x3
                    rand-t3a       | got t3a in rand-t3a
                    rand-m         | got m in rand-m
                    augmix-m3      | config must begin with rand
                    rand-p1.5      | p must be at most 1
                    rand-n0        | n must be at least 1
                    rand-n16-tweights | with tweights at most 15
                    """)
    void mistakesInTimmsNotationAreNamed(String config, String part) {
        String message =
                String.valueOf(
                        assertThrows(
                                        IllegalArgumentException.class,
                                        () -> new TimmRandAugment(config, List.of(128)))
                                .getMessage());
        assertTrue(message.contains(part), message);
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertRefused(
                "magnitude must be in [0, 31), the bins, got 31",
                () -> new RandAugment(2, 31, 31, Interpolation.NEAREST, List.of(0)));
        assertRefused(
                "fill must be one value, or three for RGB, in [0, 255], got [256]",
                () -> new TrivialAugment(31, Interpolation.NEAREST, List.of(256)));
        assertRefused(
                "severity must be in [1, 10], got 11",
                () -> new AugMix(11, 3, 0, 1, true, Interpolation.BILINEAR, List.of(0)));
        Image gray = image(4, 4, 1);
        gray.convertTo(1);
        assertRefused(
                "fill must be one value for gray images, got [1, 2, 3]",
                () ->
                        new RandAugment(2, 9, 31, Interpolation.NEAREST, List.of(1, 2, 3))
                                .apply(gray, gray.shape(), new SplittableRandom(1)));
    }

    private static void assertRefused(String part, Runnable action) {
        String message =
                String.valueOf(
                        assertThrows(IllegalArgumentException.class, action::run).getMessage());
        assertTrue(message.contains(part), message);
    }

    /** Returns recorded numbers in their order. */
    private static final class Recorded implements RandomGenerator {
        private final Deque<String> draws;

        Recorded(String text) {
            draws = new ArrayDeque<>(Arrays.asList(text.split(" ")));
        }

        private String next(char kind) {
            String draw = draws.remove();
            assertEquals(kind, draw.charAt(0), draw);
            return draw.substring(1);
        }

        @Override
        public int nextInt(int bound) {
            int value = Integer.parseInt(next('i'));
            assertTrue(value < bound);
            return value;
        }

        @Override
        public double nextDouble() {
            return Double.parseDouble(next('u'));
        }

        @Override
        public double nextGaussian() {
            return Double.parseDouble(next('g'));
        }

        @Override
        public long nextLong() {
            throw new AssertionError("no such draw is recorded");
        }
    }

    private static Image image(int height, int width, long seed) {
        Image image = new Image();
        float[] values = image.reset(new ImageShape(3, height, width));
        long state = seed;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < 3; c++) {
                    state = (state * 1103515245 + 12345) % (1L << 31);
                    long value = (40 + 5 * x + 3L * y * (c + 1) + (state >> 16) % 64) % 224;
                    values[(c * height + y) * width + x] = value / 255f;
                }
            }
        }
        return image;
    }

    private static int[] bytes(Image image) {
        int[] bytes = new int[image.shape().length()];
        Arrays.setAll(bytes, i -> Math.round(255 * image.values()[i]));
        return bytes;
    }

    private static int[] numbers(String text) {
        return Arrays.stream(text.split(" ")).mapToInt(Integer::parseInt).toArray();
    }

    private static Stream<String[]> rows(String name) throws IOException {
        return Resources.readLines(
                        Resources.getResource(PolicyPeersTest.class, name), StandardCharsets.UTF_8)
                .stream()
                .map(line -> line.split("\t"));
    }
}
