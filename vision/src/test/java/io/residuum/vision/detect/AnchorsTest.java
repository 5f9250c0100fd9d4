package io.residuum.vision.detect;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Anchors, codes and matches against numbers of torchvision 0.28. */
class AnchorsTest {
    private static final Anchors ANCHORS =
            new Anchors(
                    new AnchorSpec(List.of(8.0, 16.0), 3, List.of(0.5, 1.0, 2.0)),
                    List.of(new Shape(-1, 1, 4, 4), new Shape(-1, 1, 2, 2)),
                    32,
                    32);

    private static BoundingBox box(double left, double top, double right, double bottom) {
        return new BoundingBox(left, top, right, bottom);
    }

    @Test
    void anchorsAreRoundedAsInTorchvision() {
        assertEquals(180, ANCHORS.size());
        assertEquals(144, ANCHORS.start(1));
        List<BoundingBox> first = IntStream.range(0, 9).mapToObj(ANCHORS::get).toList();
        assertEquals(
                List.of(
                        box(-6, -3, 6, 3),
                        box(-7, -4, 7, 4),
                        box(-8, -4, 8, 4),
                        box(-4, -4, 4, 4),
                        box(-5, -5, 5, 5),
                        box(-6, -6, 6, 6),
                        box(-3, -6, 3, 6),
                        box(-4, -7, 4, 7),
                        box(-4, -8, 4, 8)),
                first);
        assertEquals(box(7, -2, 25, 34), ANCHORS.get(179));
        double sum =
                IntStream.range(0, ANCHORS.size())
                        .mapToObj(ANCHORS::get)
                        .mapToDouble(b -> b.left() + b.top() + b.right() + b.bottom())
                        .sum();
        assertEquals(8064, sum, 0);
    }

    @Test
    void codesAreThoseOfTorchvision() {
        Anchors one =
                new Anchors(
                        new AnchorSpec(List.of(8.0), 1, List.of(1.0)),
                        List.of(new Shape(-1, 1, 1, 1)),
                        16,
                        16);
        assertEquals(box(-4, -4, 4, 4), one.get(0));
        // BoxCoder.decode_single of (.5, .4, -.3, .2) for (0, 0, 8, 8), moved by half of it.
        BoundingBox decoded = one.decode(0, new float[] {0.5f, 0.4f, -0.3f, 0.2f}, 0);
        assertEquals(5.036726951599121 - 4, decoded.left(), 1e-5);
        assertEquals(2.3143887519836426 - 4, decoded.top(), 1e-5);
        assertEquals(10.963273048400879 - 4, decoded.right(), 1e-5);
        assertEquals(12.085611343383789 - 4, decoded.bottom(), 1e-5);
        // BoxCoder.encode_single of (20, 20, 30, 30) for (0, 0, 8, 8).
        float[] code = new float[4];
        one.encode(0, box(16, 16, 26, 26), code, 0);
        assertArrayEquals(new float[] {2.625f, 2.625f, 0.22314355f, 0.22314355f}, code, 1e-6f);
    }

    /** The matches of torchvision's Matcher(0.5, 0.4, allow_low_quality_matches=True). */
    @Test
    void matchesAreThoseOfTorchvision() {
        List<LabelledBox> objects =
                List.of(
                        new LabelledBox(0, box(2, 2, 14, 12)),
                        new LabelledBox(1, box(20, 18, 23, 30)),
                        new LabelledBox(2, box(8, 8, 30, 28)));
        AnchorMatcher matched = new AnchorMatcher(ANCHORS, objects, 3);
        int[] wanted = new int[180];
        Arrays.fill(wanted, 3);
        int[] first = {0, 0, 0, 0, 0, 0, -1, 0, -1};
        System.arraycopy(first, 0, wanted, 45, 9);
        wanted[142] = 1;
        int[] last = {-1, 2, 2, 2, 2, 2, -1, 2, -1};
        System.arraycopy(last, 0, wanted, 171, 9);
        assertArrayEquals(wanted, matched.labels());
        for (int i = 0; i < 180; i++) {
            boolean object = wanted[i] >= 0 && wanted[i] < 3;
            assertEquals(!object, Float.isNaN(matched.boxes()[4 * i]), "anchor " + i);
            if (object) {
                BoundingBox back = ANCHORS.decode(i, matched.boxes(), 4 * i);
                assertTrue(back.iou(objects.get(wanted[i]).box()) > 0.9999, "anchor " + i);
            }
        }
    }

    @Test
    void crowdsTeachNothing() {
        BoundingBox crowd = box(2, 2, 14, 12);
        AnchorMatcher matched =
                new AnchorMatcher(
                        ANCHORS, List.of(new LabelledBox(0, crowd, LabelledBox.Kind.CROWD)), 3);
        assertTrue(Arrays.stream(matched.labels()).noneMatch(label -> label == 0));
        assertTrue(Arrays.stream(matched.labels()).anyMatch(label -> label == -1));
        assertTrue(Arrays.stream(matched.labels()).anyMatch(label -> label == 3));
    }
}
