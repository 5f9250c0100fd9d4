package io.residuum.vision.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class DigitsTest {
    private static final ImageShape SHAPE = new ImageShape(1, 32, 32);

    /**
     * Pins the handwriting: trained weights and published results depend on it. Change the number
     * only together with them.
     */
    @Test
    void theHandwritingIsTheSameOnEveryPlatform() {
        assertEquals(826722985L, checksum(Digits.write(200, 1, Digits.Part.TRAIN)));
    }

    @Test
    void anImageDependsOnSeedPartAndIndexOnly() {
        ImageSet few = Digits.write(30, 5, Digits.Part.TRAIN);
        ImageSet many = Digits.write(500, 5, Digits.Part.TRAIN);
        assertEquals(checksum(few), checksum(many.limit(30)));
        assertFalse(checksum(few) == checksum(Digits.write(30, 5, Digits.Part.TEST)));
        assertFalse(checksum(few) == checksum(Digits.write(30, 6, Digits.Part.TRAIN)));
    }

    @Test
    void classesAreBalancedAndNamed() {
        ImageSet set = Digits.write(1000, 1, Digits.Part.TEST);
        int[] count = new int[10];
        for (int i = 0; i < set.size(); i++) {
            count[set.label(i)]++;
        }
        assertTrue(Arrays.stream(count).allMatch(c -> c == 100));
        assertEquals("7", set.classNames().get(7));
        assertEquals(SHAPE, set.shape());
    }

    @Test
    void everyImageHasContrastAndKeepsItsInkInside() {
        ImageSet set = Digits.write(2000, 3, Digits.Part.TRAIN);
        Image image = new Image();
        int lightOnDark = 0;
        for (int i = 0; i < set.size(); i++) {
            set.read(i, image);
            float[] v = TestImages.values(image);
            float[] sorted = v.clone();
            Arrays.sort(sorted);
            float median = sorted[512];
            float contrast = Math.max(sorted[1013] - median, median - sorted[10]);
            assertTrue(contrast > 0.2, "image " + i + " has contrast " + contrast);
            lightOnDark += median < 0.5 ? 1 : 0;
        }
        assertEquals(1500, lightOnDark, 150);
    }

    /**
     * The set must not be a toy: a linear classifier, trained here by averaged stochastic gradient
     * descent on softmax regression, has to stay far from what a network reaches, yet be far above
     * chance.
     */
    @Test
    void aLinearClassifierIsNotEnough() {
        ImageSet train = Digits.write(6000, 1, Digits.Part.TRAIN);
        ImageSet test = Digits.write(1000, 1, Digits.Part.TEST);
        double accuracy = LinearClassifier.train(train, 8).accuracy(test);
        System.out.printf("digits, linear classifier: %.1f%%%n", 100 * accuracy);
        assertTrue(accuracy < 0.9, "a linear classifier reaches " + accuracy);
        assertTrue(accuracy > 0.2, "a linear classifier reaches only " + accuracy);
    }

    private static long checksum(ImageSet set) {
        CRC32 crc = new CRC32();
        Image image = new Image();
        for (int i = 0; i < set.size(); i++) {
            set.read(i, image);
            crc.update(set.label(i));
            for (float value : TestImages.values(image)) {
                crc.update(Math.round(255 * value));
            }
        }
        return crc.getValue();
    }
}
