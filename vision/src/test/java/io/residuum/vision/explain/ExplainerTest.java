package io.residuum.vision.explain;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.train.Recipe;
import io.residuum.train.TrainingStep;
import io.residuum.vision.predict.ImageInput;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExplainerTest {
    private static final int SIDE = 8;
    private static final String PLAIN =
            """
            {"format": "residuum/1", "name": "plain", "input": {"type": "image", "shape": [1, 8, 8]},
             "network": [
               {"type": "conv2d", "name": "stem", "filters": 1, "kernel": 3, "padding": 1},
               {"type": "activation", "name": "relu"},
               {"type": "globalAveragePool", "name": "pool"},
               {"type": "linear", "name": "head", "units": 2}]}
            """;
    private static final String RESIDUAL =
            """
            {"format": "residuum/1", "name": "unit", "input": {"type": "image", "shape": [1, 8, 8]},
             "network": [
               {"type": "conv2d", "name": "stem", "filters": 4, "kernel": 3, "padding": 1},
               {"type": "residual", "name": "unit", "dropPath": 0.5, "branch": [
                 {"type": "norm"}, {"type": "activation"},
                 {"type": "conv2d", "filters": 4, "kernel": 3, "padding": 1}]},
               {"type": "globalAveragePool", "name": "pool"},
               {"type": "dropout", "rate": 0.5},
               {"type": "linear", "name": "head", "units": 3}]}
            """;

    @TempDir private Path temp;

    private static Network network(EngineChoice engine, String json) {
        ModelSpec spec = SpecJson.standard().parse(json, "test", ModelSpec.class);
        return Network.create(spec, Engines.backend(engine), 3);
    }

    /** Bright at rows 2 and 3 of columns 5 and 6. */
    private static BufferedImage bright() {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 2; y < 4; y++) {
            for (int x = 5; x < 7; x++) {
                image.getRaster().setSample(x, y, 0, 255);
            }
        }
        return image;
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void theBrightPartSpeaksForTheClassThatLikesIt(EngineChoice engine) throws IOException {
        try (Network network = network(engine, PLAIN)) {
            float[] identity = new float[9];
            identity[4] = 1;
            network.loadValues(
                    Map.of(
                            "stem.weight", () -> identity,
                            "stem.bias", () -> new float[1],
                            "head.weight", () -> new float[] {-1, 1},
                            "head.bias", () -> new float[2]));
            Explainer explainer = new Explainer(network);
            assertEquals(Optional.of("relu"), explainer.lastSpatialLayer());
            Explanation why =
                    explainer.gradCam(
                            ImageInput.of(bright()), OptionalInt.empty(), Optional.empty());
            assertEquals(1, why.ofClass());
            for (int y = 0; y < SIDE; y++) {
                for (int x = 0; x < SIDE; x++) {
                    boolean inside = y >= 2 && y < 4 && x >= 5 && x < 7;
                    assertEquals(inside ? 1 : 0, why.map().at(y, x), 1e-6, y + " " + x);
                }
            }
            Explanation other =
                    explainer.gradCam(ImageInput.of(bright()), OptionalInt.of(0), Optional.empty());
            assertArrayEquals(new float[SIDE * SIDE], other.map().values(), "nothing speaks for 0");
            assertEquals(1, why.probability() + other.probability(), 1e-6);

            Path file = temp.resolve("why.png");
            why.map().write(file, why.view());
            BufferedImage picture = ImageIO.read(file.toFile());
            assertEquals(224, picture.getWidth());
            int red = picture.getRGB(6 * 28 - 14, 3 * 28) >> 16 & 0xff;
            assertTrue(red > 150, "half white, half dark red, got " + red);
            assertEquals(0, picture.getRGB(10, 10) >> 16 & 0xff, "no red outside");
        }
    }

    /** Before a mean over positions and a linear layer, Grad-CAM is CAM (Zhou et al. 2016). */
    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void gradCamOfTheLastUnitIsCam(EngineChoice engine) {
        try (Network network = network(engine, RESIDUAL);
                NDManager manager = network.backend().newManager()) {
            Explanation why =
                    new Explainer(network)
                            .gradCam(ImageInput.of(bright()), OptionalInt.of(2), Optional.empty());
            assertEquals("unit", why.source());
            float[] pixels = Arrays.copyOf(why.view().values(), SIDE * SIDE);
            NDList input = new NDList(manager.create(pixels, new Shape(1, 1, SIDE, SIDE)));
            NDArray unit = network.features(input, List.of("unit")).get("unit");
            float[] values = unit.toFloatArray();
            float[] weights = network.parameters().get("head.weight").getArray().toFloatArray();
            double[] expected = new double[SIDE * SIDE];
            for (int c = 0; c < 4; c++) {
                for (int i = 0; i < expected.length; i++) {
                    expected[i] += weights[2 * 4 + c] * values[c * expected.length + i];
                }
            }
            float[] cam = HeatMap.ofScores(SIDE, SIDE, expected).values();
            assertArrayEquals(cam, why.map().values(), 1e-4f);
        }
    }

    /** A callback may explain an image after each epoch. */
    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void explainingBetweenUpdatesChangesNone(EngineChoice engine) {
        float[][] heads = new float[2][];
        for (int explained = 0; explained < 2; explained++) {
            try (Network network = network(engine, PLAIN);
                    TrainingStep step = new TrainingStep(network, Recipe.defaults())) {
                for (int i = 0; i < 2; i++) {
                    float[] image = new float[SIDE * SIDE];
                    Arrays.fill(image, 1);
                    step.backward(image, new int[] {1}, null, 1);
                    step.update(0.1);
                    step.poll(0);
                    if (explained == 1) {
                        new Explainer(network)
                                .gradCam(
                                        ImageInput.of(bright()),
                                        OptionalInt.of(1),
                                        Optional.of("stem"));
                    }
                }
                heads[explained] =
                        network.parameters().get("head.weight").getArray().toFloatArray();
            }
        }
        assertArrayEquals(heads[0], heads[1]);
    }

    @Test
    void enginesAgreeOnAnEarlyLayer() {
        float[][] maps = new float[2][];
        for (EngineChoice engine : List.of(EngineChoice.MXNET, EngineChoice.PYTORCH)) {
            try (Network network = network(engine, RESIDUAL)) {
                HeatMap map =
                        new Explainer(network)
                                .gradCam(
                                        ImageInput.of(bright()),
                                        OptionalInt.of(1),
                                        Optional.of("stem"))
                                .map();
                maps[engine == EngineChoice.MXNET ? 0 : 1] = map.values();
            }
        }
        assertArrayEquals(maps[0], maps[1], 1e-4f);
        float largest = 0;
        for (float value : maps[0]) {
            largest = Math.max(largest, value);
        }
        assertEquals(1, largest, "something speaks for the class");
    }

    @Test
    void whatCannotBeExplainedIsNamed() {
        try (Network network = network(EngineChoice.PYTORCH, PLAIN)) {
            Explainer explainer = new Explainer(network);
            ImageInput image = ImageInput.of(bright());
            SpecException layer =
                    assertThrows(
                            SpecException.class,
                            () ->
                                    explainer.gradCam(
                                            image, OptionalInt.empty(), Optional.of("head")));
            assertTrue(layer.getMessage().contains("\"head\""), layer.getMessage());
            SpecException ofClass =
                    assertThrows(
                            SpecException.class,
                            () -> explainer.gradCam(image, OptionalInt.of(2), Optional.empty()));
            assertTrue(ofClass.getMessage().contains("[0, 1]"), ofClass.getMessage());
            SpecException attention =
                    assertThrows(SpecException.class, () -> explainer.attention(image));
            assertTrue(attention.getMessage().contains("Grad-CAM"), attention.getMessage());
        }
    }
}
