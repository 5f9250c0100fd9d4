package io.residuum.vision.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.data.DataException;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ImageSetTest {
    private final ImageSet set = TestImages.random(new ImageShape(1, 4, 6), 100, 5, 1);

    @Test
    void aSplitIsDisjointCompleteBalancedAndRepeatable() {
        ImageSet.Split split = set.split(0.25, 9);
        assertEquals(75, split.kept().size());
        assertEquals(25, split.heldOut().size());
        for (int label = 0; label < 5; label++) {
            int wanted = label;
            ImageSet held = split.heldOut();
            assertEquals(5, IntStream.range(0, 25).filter(i -> held.label(i) == wanted).count());
        }
        Set<String> all = new HashSet<>();
        IntStream.range(0, 75).forEach(i -> all.add(content(split.kept(), i)));
        IntStream.range(0, 25).forEach(i -> all.add(content(split.heldOut(), i)));
        assertEquals(100, all.size());
        assertEquals(content(split.heldOut(), 3), content(set.split(0.25, 9).heldOut(), 3));
        assertTrue(
                IntStream.range(0, 25)
                        .anyMatch(
                                i ->
                                        !content(split.heldOut(), i)
                                                .equals(content(set.split(0.25, 8).heldOut(), i))));
    }

    @Test
    void aSplitThatLeavesNothingIsRefused() {
        ImageSet few = set.limit(3);
        assertThrows(DataException.class, () -> few.split(0.1, 1));
        assertThrows(IllegalArgumentException.class, () -> set.split(1, 1));
    }

    @Test
    void limitsAndSubsets() {
        assertSame(set, set.limit(100));
        assertEquals(7, set.limit(7).size());
        ImageSet two = set.subset(new int[] {42, 3});
        assertEquals(content(set, 42), content(two, 0));
        assertEquals(set.label(3), two.label(1));
        assertThrows(IndexOutOfBoundsException.class, () -> set.subset(new int[] {100}));
    }

    @Test
    void grayBecomesColorByRepetitionAndColorBecomesLuma() {
        Image image = new Image();
        set.adaptedTo(new ImageShape(3, 4, 6)).read(0, image);
        float[] color = TestImages.values(image);
        set.read(0, image);
        for (int i = 0; i < 72; i++) {
            assertEquals(image.values()[i % 24], color[i]);
        }
        Image rgb = TestImages.image(new ImageShape(3, 1, 1), 1f, 0.5f, 0.25f);
        rgb.convertTo(1);
        assertEquals(0.299 + 0.587 / 2 + 0.114 / 4, rgb.values()[0], 1e-6);
    }

    @Test
    void aFewMissingPixelsArePaddedAndMoreAreResized() {
        Image image = new Image();
        set.adaptedTo(new ImageShape(1, 8, 8)).read(0, image);
        float[] padded = TestImages.values(image);
        set.read(0, image);
        for (int y = 0; y < 8; y++) {
            for (int x = 0; x < 8; x++) {
                boolean inside = y >= 2 && y < 6 && x >= 1 && x < 7;
                float expected = inside ? image.values()[(y - 2) * 6 + x - 1] : 0f;
                assertEquals(expected, padded[y * 8 + x]);
            }
        }
        ImageSet large = set.adaptedTo(new ImageShape(1, 12, 18));
        large.read(0, image);
        assertEquals(large.shape(), image.shape());
    }

    @Test
    void resizingKeepsConstantsAndRampsAndDoesNotAlias() {
        Image constant = TestImages.image(new ImageShape(1, 2, 2), 0.3f, 0.3f, 0.3f, 0.3f);
        constant.resize(5, 7);
        for (float value : TestImages.values(constant)) {
            assertEquals(0.3f, value, 1e-6f);
        }
        // Pillow 12.3, Image.fromarray(float32 [[0, 1, 2, 3]]).resize((2, 1) and (8, 1), BILINEAR)
        Image ramp = TestImages.image(new ImageShape(1, 1, 4), 0, 1, 2, 3);
        ramp.resize(1, 2);
        assertArrayEquals(new float[] {0.7142857f, 2.2857144f}, TestImages.values(ramp), 1e-6f);
        ramp = TestImages.image(new ImageShape(1, 1, 4), 0, 1, 2, 3);
        ramp.resize(1, 8);
        assertArrayEquals(
                new float[] {0, 0.25f, 0.75f, 1.25f, 1.75f, 2.25f, 2.75f, 3},
                TestImages.values(ramp),
                1e-6f);
        float[] stripes = new float[64];
        for (int i = 0; i < 64; i++) {
            stripes[i] = i % 2;
        }
        Image fine = TestImages.image(new ImageShape(1, 1, 64), stripes);
        fine.resize(1, 9);
        for (float value : TestImages.values(fine)) {
            assertEquals(0.5f, value, 0.05f);
        }
    }

    private static String content(ImageSet set, int index) {
        Image image = new Image();
        set.read(index, image);
        return Arrays.toString(TestImages.values(image));
    }
}
