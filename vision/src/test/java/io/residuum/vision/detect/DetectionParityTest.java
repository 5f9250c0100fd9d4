package io.residuum.vision.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.model.Cost;
import io.residuum.model.ModelSource;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.vision.HeadsParityTest;
import io.residuum.weights.Safetensors;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The detections of RetinaNets against torchvision, from the same raw outputs. */
class DetectionParityTest {
    private static final double PIXELS = 1e-3;

    @ParameterizedTest
    @ValueSource(strings = {"retinanet-torchvision", "retinanet-v2-torchvision"})
    void sameBoxesAfterSuppression(String name) throws URISyntaxException {
        URL resource = HeadsParityTest.class.getResource("heads/" + name);
        assertNotNull(resource);
        Path folder = Path.of(resource.toURI());
        DetectorLayout layout =
                DetectorLayout.of(ModelSource.of(folder.resolve("spec.json")).spec());
        try (Safetensors raw = Safetensors.open(folder.resolve("outputs.safetensors"));
                Safetensors wanted = Safetensors.open(folder.resolve("detections.safetensors"))) {
            List<Detection> found =
                    new DetectionFilter(layout, DetectionSettings.DEFAULT)
                            .detect(
                                    raw.floats(":classes"),
                                    raw.floats(":boxes"),
                                    0,
                                    new DetectorLayout.Fitted(75, 60, 1, 1));
            float[] scores = wanted.floats("scores");
            float[] boxes = wanted.floats("boxes");
            long[] labels = wanted.longs("labels");
            assertEquals(scores.length, found.size());
            for (int i = 0; i < scores.length; i++) {
                Detection detection = found.get(i);
                assertEquals(scores[i], detection.score(), 1e-6, "score " + i);
                assertEquals(labels[i], detection.label(), "label " + i);
                assertEquals(boxes[4 * i], detection.box().left(), PIXELS, "left " + i);
                assertEquals(boxes[4 * i + 1], detection.box().top(), PIXELS, "top " + i);
                assertEquals(boxes[4 * i + 2], detection.box().right(), PIXELS, "right " + i);
                assertEquals(boxes[4 * i + 3], detection.box().bottom(), PIXELS, "bottom " + i);
            }
        }
    }

    @Test
    void presetsHaveTheCountsOfTorchvision() {
        Map<String, ModelSpec> presets =
                new RetinaNetPresets()
                        .presets().stream().collect(Collectors.toMap(Preset::name, Preset::spec));
        assertEquals(
                34_068_119, Cost.of(presets.get("retinanet-resnet50-fpn").newBlock()).parameters());
        assertEquals(
                38_198_935,
                Cost.of(presets.get("retinanet-resnet50-fpn-v2").newBlock()).parameters());
        // 800 x 800 pixels at strides 8 to 128, 9 anchors each.
        DetectorLayout layout = DetectorLayout.of(presets.get("retinanet-resnet50-fpn"));
        assertEquals(
                9 * (100 * 100 + 50 * 50 + 25 * 25 + 13 * 13 + 7 * 7), layout.anchors().size());
        assertTrue(ObjectDetector.isDetector(presets.get("retinanet-resnet50-fpn")));
    }
}
