package io.residuum.vision.shapes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.data.DataException;
import io.residuum.vision.detect.LabelledBox;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Generated shapes: masks and boxes agree, and parts differ. */
class ShapeSceneTest {
    private static final int SIZE = 40;
    private static final ImageShape SHAPE = new ImageShape(3, SIZE, SIZE);
    private static final ShapeSet SET = new ShapeSet(30, 1, 0, SHAPE);

    private static float[] mask(ShapeSet set, int index) {
        Image mask = new Image();
        set.readTarget(index, new ImageShape(1, SIZE, SIZE), mask);
        return Arrays.copyOf(mask.values(), SIZE * SIZE);
    }

    private static float[] image(ShapeSet set, int index) {
        Image image = new Image();
        set.readImage(index, image);
        return Arrays.copyOf(image.values(), SHAPE.length());
    }

    @Test
    void boxesHoldTheirMasks() {
        boolean[] seen = new boolean[3];
        for (int i = 0; i < SET.size(); i++) {
            float[] mask = mask(SET, i);
            assertFalse(SET.objects(i).isEmpty());
            int pixels = 0;
            for (LabelledBox object : SET.objects(i)) {
                seen[object.label()] = true;
                boolean found = false;
                for (int y = (int) object.box().top(); y < object.box().bottom(); y++) {
                    for (int x = (int) object.box().left(); x < object.box().right(); x++) {
                        found |= mask[y * SIZE + x] == object.label() + 2;
                    }
                }
                assertTrue(found, "image " + i);
                pixels += (int) object.box().area();
            }
            long covered = IntStream.range(0, mask.length).filter(p -> mask[p] > 1).count();
            assertTrue(covered > 0 && covered <= pixels, "image " + i);
        }
        assertArrayEquals(new boolean[] {true, true, true}, seen);
    }

    @Test
    void anIndexIsAlwaysTheSameImage() {
        assertArrayEquals(image(SET, 3), image(new ShapeSet(9, 1, 0, SHAPE), 3));
        assertFalse(Arrays.equals(image(SET, 3), image(new ShapeSet(9, 1, 1, SHAPE), 3)));
        assertFalse(Arrays.equals(image(SET, 3), image(new ShapeSet(9, 2, 0, SHAPE), 3)));
        for (float value : image(SET, 3)) {
            assertTrue(value >= 0 && value <= 1);
        }
    }

    @Test
    void settingsAreRead() {
        assertEquals(4000, ShapeSource.parse("").sizes().train());
        assertEquals(7, ShapeSource.parse("seed=7,train=3").sizes().seed());
        assertThrows(DataException.class, () -> ShapeSource.parse("size=3"));
    }
}
