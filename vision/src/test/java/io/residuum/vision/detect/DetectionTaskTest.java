package io.residuum.vision.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.EngineChoice;
import io.residuum.metric.Measure;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.optim.OptimizerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.train.EvaluationResult;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.Trainer;
import io.residuum.train.TrainingException;
import io.residuum.train.samples.Tensor;
import io.residuum.vision.augment.Cutout;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.predict.ImageInput;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training, evaluation and use of a tiny detector. */
class DetectionTaskTest {
    private static final ModelSpec SPEC =
            SpecJson.standard()
                    .parse(
                            """
                            {"format": "residuum/1", "name": "tiny", "input": {"type": "image", "shape": [3, 32, 32]},
                             "network": {"type": "retinanet",
                               "backbone": {"network": {"type": "resnet", "units": [1, 1], "width": 8, "classes": 2}, "parts": ["stage1", "stage2"]},
                               "fpn": {"inputs": 2, "channels": 16, "extra": "none"},
                               "head": {"levels": 2, "channels": 16, "convolutions": 1, "classes": 2,
                                        "anchors": {"sizes": [8, 14], "octaves": 1, "ratios": [1]}}}}
                            """,
                            "tiny",
                            ModelSpec.class);

    @TempDir private Path folder;

    /** White squares of 8 or 14 pixels on black, the smaller ones of class 0. */
    private record Squares(int size) implements DetectionSet {
        @Override
        public List<String> classNames() {
            return List.of("small", "large");
        }

        @Override
        public void readImage(int index, Image into) {
            float[] values = into.reset(new ImageShape(3, 32, 32));
            Arrays.fill(values, 0, 3 * 32 * 32, 0);
            BoundingBox box = objects(index).get(0).box();
            for (int i = 0; i < 3 * 32 * 32; i++) {
                int x = i % 32;
                int y = i / 32 % 32;
                boolean in =
                        x >= box.left() && x < box.right() && y >= box.top() && y < box.bottom();
                values[i] = in ? 1 : 0;
            }
        }

        @Override
        public List<LabelledBox> objects(int index) {
            int side = index % 2 == 0 ? 8 : 14;
            int left = index * 7 % (32 - side);
            int top = index * 5 % (32 - side);
            return List.of(
                    new LabelledBox(
                            index % 2, new BoundingBox(left, top, left + side, top + side)));
        }
    }

    private static DetectionTask task(double share) {
        return DetectionTask.of(
                "squares",
                SPEC,
                new DetectionSource.Splits(
                        new Squares(32), Optional.empty(), Optional.of(new Squares(8))),
                share);
    }

    private static double map(EvaluationResult result) {
        return result.measures().stream()
                .filter(m -> m.name().equals("mAP"))
                .mapToDouble(Measure::value)
                .findFirst()
                .orElseThrow();
    }

    @EachEngine
    void findsSquares(EngineChoice engine) {
        Recipe recipe =
                Recipe.builder()
                        .epochs(12)
                        .batch(8)
                        .optimizer(new OptimizerSpec.AdamW(0.9, 0.999, 1e-8, 0))
                        .learningRate(0.01)
                        .warmupEpochs(1)
                        .validation(0)
                        .build();
        DetectionTask task = task(0);
        try (Network network = Network.create(SPEC, Engines.backend(engine), 1)) {
            double before = map(task.evaluate(network, 8));
            new Trainer(network, recipe, task, folder.resolve("run"), ProgressListener.NONE)
                    .start();
            double after = map(task.evaluate(network, 8));
            assertTrue(after > before + 0.3, before + " -> " + after);
            network.setMetadata(new ModelMetadata(task.metadata()));
            ObjectDetector detector = ObjectDetector.of(network, DetectionSettings.DEFAULT);
            assertEquals(List.of("small", "large"), detector.classNames());
            // The same square in a picture of twice the size and another shape.
            BufferedImage picture = new BufferedImage(64, 50, BufferedImage.TYPE_INT_RGB);
            for (int y = 10; y < 38; y++) {
                for (int x = 20; x < 48; x++) {
                    picture.setRGB(x, y, 0xFFFFFF);
                }
            }
            List<Detection> found = detector.detect(List.of(ImageInput.of(picture)), 4).get(0);
            assertFalse(found.isEmpty());
            assertEquals(1, found.get(0).label());
            BoundingBox wanted = new BoundingBox(20, 10, 48, 38);
            assertTrue(found.get(0).box().iou(wanted) > 0.5, found.get(0).toString());
            BufferedImage drawn = DetectionPicture.of(ImageInput.of(picture), found.subList(0, 1));
            assertEquals(64, drawn.getWidth());
        }
    }

    @Test
    void sharesAreHeldOut() {
        assertEquals(8, task(0.25).validation().orElseThrow().size());
        assertTrue(task(0).validation().isEmpty());
    }

    @Test
    void refusesWhatWouldMoveTheBoxes() {
        Recipe recipe = Recipe.builder().augmentation(List.of(new Cutout(2))).build();
        TrainingException e =
                assertThrows(TrainingException.class, () -> task(0).completed(recipe));
        assertTrue(e.getMessage().contains("must be horizontalFlip"), e.getMessage());
    }

    @Test
    void refusesNetworksWithoutAHead() {
        ModelSpec classifier =
                SpecJson.standard()
                        .parse(
                                """
                                {"format": "residuum/1", "name": "c", "input": {"type": "image", "shape": [3, 32, 32]},
                                 "network": {"type": "resnet", "stem": "cifar", "depth": 8, "classes": 2}}
                                """,
                                "c",
                                ModelSpec.class);
        assertFalse(ObjectDetector.isDetector(classifier));
        TrainingException e =
                assertThrows(TrainingException.class, () -> DetectorLayout.of(classifier));
        assertTrue(e.getMessage().contains("retinaHead"), e.getMessage());
    }

    /** Mirrored images have mirrored boxes. */
    @Test
    void flipsMoveTheBoxes() {
        DetectionSamples samples =
                new DetectionSamples(new Squares(4), DetectorLayout.of(SPEC), null);
        Image plain = new Image();
        new Squares(4).readImage(1, plain);
        float[] mirrored =
                ((Tensor.Numbers) samples.read(1, true).sample().inputs().get("input")).values();
        for (int x = 0; x < 32; x++) {
            assertEquals(plain.values()[10 * 32 + x], mirrored[10 * 32 + 31 - x], 0);
        }
        Map<String, Tensor> targets = samples.read(1, true).sample().targets();
        long[] labels = ((Tensor.Integers) targets.get("classes")).values();
        float[] boxes = ((Tensor.Numbers) targets.get("boxes")).values();
        Anchors anchors = DetectorLayout.of(SPEC).anchors();
        BoundingBox wanted = new Squares(4).objects(1).get(0).box().mirrored(32);
        for (int a = 0; a < labels.length; a++) {
            if (labels[a] == 1) {
                assertTrue(anchors.decode(a, boxes, 4 * a).iou(wanted) > 0.9999, "anchor " + a);
            }
        }
        assertTrue(Arrays.stream(labels).anyMatch(label -> label == 1));
    }
}
