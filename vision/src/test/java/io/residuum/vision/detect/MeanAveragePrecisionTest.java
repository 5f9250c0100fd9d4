package io.residuum.vision.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.residuum.vision.detect.LabelledBox.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Average precision against pycocotools and the kit of VOC, and by hand. */
class MeanAveragePrecisionTest {
    private static final BoundingBox BOX = new BoundingBox(0, 0, 10, 10);

    /** Receives the detections and the objects of an image. */
    private interface Images {
        void add(List<Detection> detections, List<LabelledBox> objects);
    }

    /** Reads 44 annotations, 6 of them marked, and 82 detections in 12 images. */
    private void read(Kind ignored, Images images) throws IOException {
        Map<Integer, List<LabelledBox>> objects = new TreeMap<>();
        Map<Integer, List<Detection>> found = new TreeMap<>();
        try (InputStream in = getClass().getResourceAsStream("coco-case.txt")) {
            assertNotNull(in);
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            lines.lines()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(
                            line -> {
                                String[] w = line.split(" ");
                                int image = Integer.parseInt(w[1]);
                                int label = Integer.parseInt(w[2]);
                                double left = Double.parseDouble(w[3]);
                                double top = Double.parseDouble(w[4]);
                                BoundingBox box =
                                        new BoundingBox(
                                                left,
                                                top,
                                                left + Double.parseDouble(w[5]),
                                                top + Double.parseDouble(w[6]));
                                if (w[0].equals("object")) {
                                    objects.computeIfAbsent(image, i -> new ArrayList<>())
                                            .add(
                                                    new LabelledBox(
                                                            label,
                                                            box,
                                                            w[7].equals("1")
                                                                    ? ignored
                                                                    : Kind.OBJECT));
                                } else {
                                    found.computeIfAbsent(image, i -> new ArrayList<>())
                                            .add(
                                                    new Detection(
                                                            label, Double.parseDouble(w[7]), box));
                                }
                            });
        }
        for (int image = 0; image < 12; image++) {
            images.add(
                    found.getOrDefault(image, List.of()), objects.getOrDefault(image, List.of()));
        }
    }

    @Test
    void equalsPycocotools() throws IOException {
        MeanAveragePrecision precision = new MeanAveragePrecision();
        read(Kind.CROWD, precision::add);
        MeanAveragePrecision.Result result = precision.result();
        assertEquals(0.14686484, result.map(), 1e-7);
        assertEquals(0.39106392, result.ap50(), 1e-7);
        assertEquals(0.06965177, result.ap75(), 1e-7);
        assertEquals(0.1447834865869038, result.perClass().get(0), 1e-9);
        assertEquals(0.16291389073849102, result.perClass().get(1), 1e-9);
        assertEquals(0.13289715073640523, result.perClass().get(2), 1e-9);
    }

    /** Computed by the algorithm of VOC's development kit, with the marked objects as difficult. */
    @Test
    void equalsTheKitOfVoc() throws IOException {
        VocAveragePrecision precision = new VocAveragePrecision();
        read(Kind.IGNORED, precision::add);
        assertEquals(0.30619747899159666, precision.perClass().get(0), 1e-12);
        assertEquals(0.4001093832243025, precision.perClass().get(1), 1e-12);
        assertEquals(0.4028846153846154, precision.perClass().get(2), 1e-12);
        assertEquals(0.36973049253350493, precision.mean(), 1e-12);
        assertEquals(Double.NaN, new VocAveragePrecision().mean());
    }

    /** A detection inside a difficult object that does not overlap it by half is wrong. */
    @Test
    void anIgnoredObjectIsNoCrowd() {
        LabelledBox difficult = new LabelledBox(0, new BoundingBox(20, 20, 60, 60), Kind.IGNORED);
        List<Detection> found =
                List.of(
                        new Detection(0, 0.9, new BoundingBox(25, 25, 30, 30)),
                        new Detection(0, 0.8, new BoundingBox(20, 20, 60, 58)),
                        new Detection(0, 0.7, BOX));
        List<LabelledBox> objects = List.of(difficult, new LabelledBox(0, BOX));
        MeanAveragePrecision coco = new MeanAveragePrecision();
        coco.add(found, objects);
        assertEquals(0.5, coco.result().ap50(), 1e-12);
        VocAveragePrecision voc = new VocAveragePrecision();
        voc.add(found, objects);
        assertEquals(0.5, voc.mean(), 1e-12);
    }

    /** Of two objects one is found, after a wrong detection: precision 1/2 up to recall 1/2. */
    @Test
    void aWrongDetectionHalvesThePrecision() {
        MeanAveragePrecision precision = new MeanAveragePrecision();
        BoundingBox other = new BoundingBox(50, 50, 60, 60);
        precision.add(
                List.of(
                        new Detection(0, 0.9, new BoundingBox(80, 80, 90, 90)),
                        new Detection(0, 0.8, BOX)),
                List.of(new LabelledBox(0, BOX), new LabelledBox(0, other)));
        // 51 of 101 recalls, 0 to 0.5, have the precision 1/2.
        assertEquals(0.5 * 51 / 101, precision.result().map(), 1e-12);
    }

    /** numpy's linspace, which pycocotools uses, has a recall a little above 0.57. */
    @Test
    void recallsAreRoundedAsInPycocotools() {
        MeanAveragePrecision precision = new MeanAveragePrecision();
        for (int i = 0; i < 100; i++) {
            precision.add(
                    i < 57 ? List.of(new Detection(0, 0.9, BOX)) : List.of(),
                    List.of(new LabelledBox(0, BOX)));
        }
        assertEquals(57.0 / 101, precision.result().map(), 1e-12);
    }

    @Test
    void anIgnoredObjectIsNeitherRightNorWrong() {
        MeanAveragePrecision precision = new MeanAveragePrecision();
        BoundingBox crowd = new BoundingBox(20, 20, 60, 60);
        precision.add(
                List.of(
                        new Detection(0, 0.9, new BoundingBox(25, 25, 30, 30)),
                        new Detection(0, 0.8, new BoundingBox(40, 40, 50, 50)),
                        new Detection(0, 0.7, BOX)),
                List.of(new LabelledBox(0, crowd, Kind.CROWD), new LabelledBox(0, BOX)));
        assertEquals(1, precision.result().map(), 1e-12);
        assertEquals(Double.NaN, new MeanAveragePrecision().result().map());
    }
}
