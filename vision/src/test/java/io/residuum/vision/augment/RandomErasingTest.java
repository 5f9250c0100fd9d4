package io.residuum.vision.augment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.vision.data.TestImages;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RandomErasingTest {
    private static final ImageShape SHAPE = new ImageShape(3, 40, 30);
    private static final float KEPT = 9; // never drawn

    @ParameterizedTest
    @EnumSource(RandomErasing.Mode.class)
    void erasesOneRectangleOfTheAskedAreaAndAspect(RandomErasing.Mode mode) {
        SplittableRandom random = new SplittableRandom(5);
        RandomErasing erasing = new RandomErasing(1, 0.1, 0.3, 0.5, mode, 1);
        double smallest = 1;
        double largest = 0;
        for (int i = 0; i < 200; i++) {
            Image image = constant();
            erasing.apply(image, SHAPE, random);
            int top = SHAPE.height();
            int left = SHAPE.width();
            int bottom = -1;
            int right = -1;
            int erased = 0;
            Set<Float> values = new HashSet<>();
            for (int p = 0; p < SHAPE.plane(); p++) {
                float value = image.values()[p];
                if (value != KEPT) {
                    erased++;
                    top = Math.min(top, p / SHAPE.width());
                    bottom = Math.max(bottom, p / SHAPE.width());
                    left = Math.min(left, p % SHAPE.width());
                    right = Math.max(right, p % SHAPE.width());
                    values.add(value);
                }
                for (int c = 1; c < 3; c++) {
                    assertEquals(value == KEPT, image.values()[c * SHAPE.plane() + p] == KEPT);
                }
            }
            double height = bottom - top + 1;
            double width = right - left + 1;
            assertEquals(height * width, erased, "a rectangle");
            double area = erased / (double) SHAPE.plane();
            assertTrue(area > 0.09 && area < 0.32, "area " + area);
            assertTrue(height / width > 0.42 && height / width < 2.3, height + " x " + width);
            smallest = Math.min(smallest, area);
            largest = Math.max(largest, area);
            assertEquals(mode == RandomErasing.Mode.PIXEL ? erased : 1, values.size());
            if (mode == RandomErasing.Mode.CONST) {
                assertEquals(Set.of(0f), values);
            }
        }
        assertTrue(smallest < 0.13 && largest > 0.27, smallest + " to " + largest);
    }

    private static Image constant() {
        float[] values = new float[SHAPE.length()];
        Arrays.fill(values, KEPT);
        return TestImages.image(SHAPE, values);
    }
}
