package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.examples.extend.Extensions;
import io.residuum.examples.extend.InverseSquareRoot;
import io.residuum.examples.extend.Signum;
import io.residuum.examples.extend.StopAtAccuracy;
import io.residuum.examples.extend.VerticalFlip;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.RunFolder;
import io.residuum.train.Trainer;
import io.residuum.train.TrainingStep;
import io.residuum.vision.data.DataSource;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.train.ImageClassification;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The extension points, registered as a jar on the class path would. */
class ExtensionsTest {
    private static final String NETWORK =
            """
            {"format": "residuum/1", "name": "extended",
             "input": {"type": "image", "shape": [1, 8, 8], "mean": [0.5], "std": [0.5]},
             "network": [
               {"type": "conv2d", "name": "stem", "filters": 4, "kernel": 3, "padding": 1},
               {"type": "activation", "name": "activation", "function": "squareplus"},
               {"type": "globalAveragePool", "name": "pool"},
               {"type": "norm", "name": "norm", "norm": {"type": "scaleNorm", "init": 2}},
               {"type": "linear", "name": "head", "units": 10}]}
            """;
    private static final String RECIPE =
            """
            {"epochs": 4, "batch": 16, "learningRate": 0.01, "optimizer": "signum",
             "schedule": {"type": "inverseSquareRoot", "halfLife": 2},
             "augmentation": ["verticalFlip"],
             "callbacks": [{"type": "stopAtAccuracy", "accuracy": 0}]}
            """;

    @TempDir private Path temp;

    private interface Work {
        void run() throws IOException;
    }

    private void registered(Work work) throws IOException {
        Path services = temp.resolve("services/META-INF/services");
        Files.createDirectories(services);
        Files.writeString(
                services.resolve("io.residuum.spec.RecordProvider"), Extensions.class.getName());
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(new URL[] {url()}, before)) {
            Thread.currentThread().setContextClassLoader(loader);
            work.run();
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    private URL url() throws MalformedURLException {
        return temp.resolve("services").toUri().toURL();
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void everyPartComesFromAnotherJar(EngineChoice engine) throws IOException {
        SpecException unknown =
                assertThrows(
                        SpecException.class,
                        () -> SpecJson.standard().parse(RECIPE, "recipe", Recipe.class));
        assertTrue(unknown.getMessage().contains("signum"), unknown.getMessage());
        registered(() -> trainAndReload(engine));
    }

    private void trainAndReload(EngineChoice engine) {
        ModelSpec spec = SpecJson.standard().parse(NETWORK, "network", ModelSpec.class);
        Recipe recipe = SpecJson.standard().parse(RECIPE, "recipe", Recipe.class);
        assertEquals(new InverseSquareRoot(2), recipe.schedule());
        DataSource digits = DataSource.parse("digits:train=64,test=16");
        ImageShape shape = new ImageShape(1, 8, 8);
        RunFolder folder = new RunFolder(temp.resolve("run-" + engine));
        try (Backend backend = Backend.open(engine, DeviceChoice.CPU)) {
            float[] expected;
            try (Network network = Network.create(spec, backend, 1)) {
                signumStepsBySigns(network, recipe);
                ImageClassification task = new ImageClassification(digits.forTraining(shape));
                Recipe used = recipe.withValidation(task.heldOut().orElse(recipe.validation()));
                Trainer trainer =
                        new Trainer(network, used, task, folder.path(), ProgressListener.NONE);
                Trainer.Result result = trainer.start();
                assertEquals(1, result.epochs(), "the callback ends training");
                assertEquals(Trainer.Outcome.ALREADY_FINISHED, trainer.resume().outcome());
                Recipe saved = SpecJson.standard().read(folder.recipe(), Recipe.class);
                assertEquals(new StopAtAccuracy(0), saved.callbacks().get(0));
                network.loadWeights(folder.model());
                expected = predict(network);
            }
            try (Network reloaded = Network.load(folder.model(), backend)) {
                assertArrayEquals(expected, predict(reloaded));
            }
        }
    }

    /** In its first step, Signum moves each parameter with a gradient by the learning rate. */
    private static void signumStepsBySigns(Network network, Recipe recipe) {
        float[] before = network.parameters().get("head.bias").getArray().toFloatArray();
        float[] pixels = new float[2 * 64];
        pixels[3] = 1;
        try (TrainingStep step = new TrainingStep(network, recipe)) {
            step.backward(pixels, new int[] {0, 1}, null, 1);
            step.update(0.25);
            step.poll(0);
        }
        float[] after = network.parameters().get("head.bias").getArray().toFloatArray();
        for (int c = 0; c < before.length; c++) {
            // Labels 0 and 1 are more likely than predicted, so that their biases rise.
            assertEquals(before[c] + (c < 2 ? 0.25f : -0.25f), after[c], 1e-6f, "class " + c);
        }
    }

    private static float[] predict(Network network) {
        float[] pixels = new float[64];
        pixels[5] = 1;
        try (NDManager manager = network.backend().newManager()) {
            NDList input = new NDList(manager.create(pixels, new Shape(1, 1, 8, 8)));
            return network.predict(input).toFloatArray();
        }
    }

    @Test
    void aVerticalFlipMirrorsRows() {
        Image image = new Image();
        float[] values = image.reset(new ImageShape(1, 3, 2));
        System.arraycopy(new float[] {1, 2, 3, 4, 5, 6}, 0, values, 0, 6);
        new VerticalFlip(1).apply(image, image.shape(), new SplittableRandom(1));
        float[] flipped = {5, 6, 3, 4, 1, 2};
        for (int i = 0; i < flipped.length; i++) {
            assertEquals(flipped[i], image.values()[i]);
        }
    }

    @Test
    void optionsNameExtensions() throws IOException {
        registered(
                () -> {
                    Cli result =
                            Cli.run(
                                    "train",
                                    "resnet20",
                                    "--data",
                                    "digits",
                                    "--print-recipe",
                                    "--optimizer",
                                    "signum",
                                    "--weight-decay",
                                    "0.3",
                                    "--schedule",
                                    "inverseSquareRoot",
                                    "--patience",
                                    "2",
                                    "--steps",
                                    "50");
                    assertEquals(0, result.code(), result.err());
                    Recipe recipe = SpecJson.standard().parse(result.out(), "out", Recipe.class);
                    assertEquals(new Signum(0.9, 0.3), recipe.optimizer());
                    assertEquals(50, recipe.steps());
                });
        Cli wrong = Cli.run("train", "resnet20", "--data", "digits", "--optimizer", "adamax");
        assertEquals(2, wrong.code());
        assertTrue(wrong.err().contains("adam"), wrong.err());
        Cli momentum =
                Cli.run(
                        "train",
                        "resnet20",
                        "--data",
                        "digits",
                        "--print-recipe",
                        "--optimizer",
                        "adam",
                        "--momentum",
                        "0.8");
        assertEquals(2, momentum.code());
        assertTrue(momentum.err().contains("beta1"), momentum.err());
        Cli both =
                Cli.run(
                        "train",
                        "resnet20",
                        "--data",
                        "digits",
                        "--print-recipe",
                        "--steps",
                        "5",
                        "--epochs",
                        "1");
        assertEquals(2, both.code());
    }

    /** The files of the guide: a network with an activation and a norm, a metric, a data source. */
    @Test
    void aDataSourceAndAMetricHaveNames() throws IOException {
        Path guide = Path.of("../docs/src/test/resources/guide");
        String spec = guide.resolve("specs/curve.json").toString();
        String recipe = guide.resolve("recipes/within.json").toString();
        String run = temp.resolve("run").toString();
        registered(
                () -> {
                    Cli train =
                            Cli.ok(
                                    "train",
                                    spec,
                                    "--data",
                                    "sine",
                                    "--recipe",
                                    recipe,
                                    "--out",
                                    run);
                    String parts = "a sine: 900 samples for training, 100 for validation";
                    assertTrue(train.err().contains(parts), train.err());
                    String data = "{\"type\": \"sine\", \"points\": 64}";
                    JsonNode found = Cli.ok("evaluate", run, "--data", data, "--json").json();
                    assertEquals(64, found.get("samples").asInt());
                    assertTrue(found.get("rmse").asDouble() < 0.3, found.toString());
                    assertTrue(found.get("within0.2").asDouble() > 0.5, found.toString());
                    String wrong = "{\"type\": \"sine\", \"points\": 0}";
                    Cli zero = Cli.run("evaluate", run, "--data", wrong);
                    assertEquals(2, zero.code());
                    assertTrue(zero.err().contains("points must be positive"), zero.err());
                });
        Cli unknown = Cli.run("train", spec, "--data", "{\"type\": \"sine\"}");
        assertEquals(2, unknown.code());
        assertTrue(unknown.err().contains("sine"), unknown.err());
    }
}
