package io.residuum.vision.segment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Cost;
import io.residuum.model.Network;
import io.residuum.nn.Layer;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.Task;
import io.residuum.train.Trainer;
import io.residuum.vision.predict.ImageInput;
import io.residuum.vision.predict.ImageToImage;
import io.residuum.vision.shapes.ShapeSource;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Networks that classify pixels; HeadsParityTest compares their numbers with torchvision. */
class SegmentationTest {
    private static final String BACKBONE =
            "'backbone': {'network': {'type': 'resnet', 'stem': 'cifar', 'units': [1, 1, 1],"
                    + " 'width': 4, 'classes': 2}, 'parts': [%s]}";

    @TempDir private Path folder;

    private static ModelSpec spec(String parts, String rest) {
        return SpecJson.standard()
                .parse(
                        "{'format': 'residuum/1', 'name': 's', 'input': {'type': 'image', 'shape': [3, 22, 18]}, 'network': {'type': 'segmentation', %s, %s}}"
                                .formatted(BACKBONE.formatted(parts), rest)
                                .replace('\'', '"'),
                        "test",
                        ModelSpec.class);
    }

    // The counts of torchvision's networks, with an auxiliary head if they may have one.
    @ParameterizedTest
    @CsvSource({
        "deeplabv3-resnet50, 42004074", "fcn-resnet50, 35322218",
        "deeplabv3-resnet101, 60996202", "fcn-resnet101, 54314346",
        "deeplabv3-mobilenet-v3-large, 11029328", "lraspp-mobilenet-v3-large, 3221538",
    })
    void presetsHaveTheCountsOfTorchvision(String name, long parameters) {
        ModelSpec spec =
                new SegmentationPresets()
                        .presets().stream()
                                .filter(p -> p.name().equals(name))
                                .findFirst()
                                .orElseThrow()
                                .spec();
        Layer layer = spec.newBlock();
        assertEquals(parameters, Cost.of(layer).parameters());
        Shape pixels = new Shape(-1, 21, 520, 520);
        List<String> outputs = name.startsWith("lraspp") ? List.of("out") : List.of("out", "aux");
        assertEquals(Collections.nCopies(outputs.size(), pixels), layer.outputShapes());
        assertEquals(outputs, layer.outputNames());
    }

    @Test
    void aNewHeadHasOtherClassesInBothOutputs() {
        ModelSpec spec =
                spec(
                        "'stage2', 'stage3'",
                        "'head': {'type': 'fcn', 'channels': 4}, 'auxiliary': {'part': 'stage2'},"
                                + " 'classes': 7");
        Layer layer = spec.withClasses(5).newBlock();
        Shape pixels = new Shape(-1, 5, 22, 18);
        assertEquals(List.of(pixels, pixels), layer.outputShapes());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'stage3' | 'head': {'type': 'unet', 'channels': [4, 4]}, 'classes': 2 | the 3"
                        + " features that the head reads",
                "'stage2', 'stage3' | 'head': {'type': 'fcn'}, 'classes': 2 | without a reader",
                "'stage3' | 'head': {'type': 'fcn'}, 'auxiliary': {'part': 'stage2'}, 'classes': 2"
                        + " | auxiliary.part must be one of",
                "'stage3' | 'head': {'type': 'deeplabv3', 'rates': [0]}, 'classes': 2 | rates must"
                        + " be positive",
            })
    void saysWhatIsWrong(String parts, String rest, String reason) {
        SpecException e = assertThrows(SpecException.class, () -> spec(parts, rest));
        assertTrue(String.valueOf(e.getMessage()).contains(reason), e.getMessage());
    }

    /** A few steps lower the loss of both heads, and the saved network draws masks. */
    @EachEngine
    void learnsShapesAndDrawsMasks(EngineChoice engine) {
        ModelSpec given =
                spec(
                        "'stage1', 'stage2', 'stage3'",
                        "'head': {'type': 'unet', 'channels': [8, 8]}, 'auxiliary': {'part':"
                                + " 'stage2', 'head': {'channels': 4}}, 'classes': 9");
        ShapeSource source = ShapeSource.parse("train=24,test=8,seed=3");
        ModelSpec spec = source.fitted(given);
        Task task = source.task(spec, 0.25);
        Recipe recipe =
                Recipe.builder()
                        .epochs(6)
                        .batch(8)
                        .learningRate(0.05)
                        .warmupEpochs(0)
                        .validation(0.25)
                        .build();
        try (Network network = Network.create(spec, Engines.backend(engine), 1)) {
            double before = loss(task, network);
            new Trainer(network, recipe, task, folder.resolve("run"), ProgressListener.NONE)
                    .start();
            assertTrue(loss(task, network) < 0.8 * before);
            BufferedImage picture = new BufferedImage(30, 40, BufferedImage.TYPE_INT_RGB);
            BufferedImage mask =
                    ImageToImage.of(network).predict(List.of(ImageInput.of(picture))).get(0);
            assertArrayEquals(new int[] {30, 40}, new int[] {mask.getWidth(), mask.getHeight()});
            assertEquals(BufferedImage.TYPE_BYTE_INDEXED, mask.getType());
        }
    }

    private static double loss(Task task, Network network) {
        Double loss = task.evaluate(network, 8).score().loss();
        return loss == null ? Double.NaN : loss;
    }
}
