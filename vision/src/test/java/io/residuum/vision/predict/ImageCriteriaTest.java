package io.residuum.vision.predict;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.json.JsonReader;
import io.residuum.model.Classification;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.model.djl.NetworkEngineProvider;
import io.residuum.model.djl.TaskTranslatorFactory;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loads image classifiers by DJL's {@code Criteria}. */
class ImageCriteriaTest {
    private static final List<String> NAMES = List.of("cat", "dog", "owl");

    /** The standard deviation is far from 1, so that a lost normalization changes the classes. */
    private static final ModelSpec SPEC =
            SpecJson.standard()
                    .parse(
                            """
                            {"format": "residuum/1", "name": "tiny",
                             "input": {"type": "image", "shape": [3, 8, 8],
                                       "mean": [0.4, 0.5, 0.6], "std": [0.02, 0.03, 0.04]},
                             "network": [{"type": "conv2d", "filters": 4, "kernel": 3},
                                         {"type": "globalAveragePool"},
                                         {"type": "linear", "units": 3}]}
                            """,
                            "tiny",
                            ModelSpec.class);

    @TempDir private Path run;

    @BeforeEach
    void save() {
        try (Network network = Network.create(SPEC, Engines.backend(Engines.all().get(0)), 5)) {
            network.setMetadata(ModelMetadata.EMPTY.withClassNames(NAMES));
            network.save(run.resolve("model.safetensors"));
        }
    }

    private static BufferedImage picture(int seed) {
        BufferedImage picture = new BufferedImage(20, 14, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < 14; y++) {
            for (int x = 0; x < 20; x++) {
                picture.setRGB(x, y, (x * 11 + seed * 37) % 256 << 16 | y * 17 << 8 | seed * 20);
            }
        }
        return picture;
    }

    private static Image image(int seed) {
        return ImageFactory.getInstance().fromImage(picture(seed));
    }

    private static String url(Path model, EngineChoice engine) {
        return "residuum:" + model + "?backend=" + engine.name().toLowerCase(Locale.ROOT);
    }

    private Classification expected(EngineChoice engine, int seed) {
        try (ImageClassifier classifier =
                ImageClassifier.open(run.toString(), Engines.backend(engine))) {
            return classifier.classify(picture(seed));
        }
    }

    private static void assertSame(Classification expected, Classifications found) {
        assertEquals(expected.best().name(), found.best().getClassName());
        assertEquals(expected.best().probability(), found.best().getProbability(), 1e-5);
    }

    @EachEngine
    void aUrlIsEnough(EngineChoice engine) throws Exception {
        Criteria<Image, Classifications> criteria =
                Criteria.builder()
                        .setTypes(Image.class, Classifications.class)
                        .optModelUrls(url(run, engine))
                        .build();
        try (ZooModel<Image, Classifications> model = criteria.loadModel();
                Predictor<Image, Classifications> predictor = model.newPredictor()) {
            assertEquals(
                    Engines.backend(engine).engine().getEngineName(),
                    model.getNDManager().getEngine().getEngineName());
            assertSame(expected(engine, 1), predictor.predict(image(1)));
            List<Classifications> both = predictor.batchPredict(List.of(image(1), image(2)));
            assertSame(expected(engine, 1), both.get(0));
            assertSame(expected(engine, 2), both.get(1));
            assertEquals(new Shape(-1, 3, 8, 8), model.describeInput().get("input"));
            assertEquals(new Shape(-1, 3), model.describeOutput().get("output"));
        }
    }

    @EachEngine
    void aPathNeedsEngineAndTranslators(EngineChoice engine) throws Exception {
        Criteria.Builder<Image, Classifications> criteria =
                Criteria.builder()
                        .setTypes(Image.class, Classifications.class)
                        .optModelPath(run.resolve("model.safetensors"))
                        .optEngine(NetworkEngineProvider.NAME)
                        .optOption("backend", engine.name());
        try (ZooModel<Image, Classifications> model =
                        criteria.optTranslatorFactory(new TaskTranslatorFactory())
                                .build()
                                .loadModel();
                Predictor<Image, Classifications> predictor = model.newPredictor()) {
            assertSame(expected(engine, 1), predictor.predict(image(1)));
        }
    }

    @Test
    void translatorsOfDjlAreRefused() throws Exception {
        Criteria<Image, Classifications> criteria =
                Criteria.builder()
                        .setTypes(Image.class, Classifications.class)
                        .optModelPath(run)
                        .optEngine(NetworkEngineProvider.NAME)
                        .build();
        try (ZooModel<Image, Classifications> model = criteria.loadModel()) {
            IllegalArgumentException e =
                    assertThrows(IllegalArgumentException.class, model::newPredictor);
            assertTrue(e.getMessage().contains("TaskTranslatorFactory"), e.getMessage());
        }
    }

    @EachEngine
    void theServerOfDjlSendsBytes(EngineChoice engine) throws Exception {
        Criteria<Input, Output> criteria =
                Criteria.builder()
                        .setTypes(Input.class, Output.class)
                        .optModelUrls(url(run, engine))
                        .build();
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(picture(1), "png", png);
        Input input = new Input();
        input.addProperty("Content-Type", "image/png");
        input.add(png.toByteArray());
        try (ZooModel<Input, Output> model = criteria.loadModel();
                Predictor<Input, Output> predictor = model.newPredictor()) {
            Output output = predictor.predict(input);
            String json = output.getData().getAsString();
            assertEquals(
                    expected(engine, 1).best().name(),
                    JsonReader.parse(json, "output").get(0).get("className").string(""));
        }
    }

    @EachEngine
    void tensorsPassUnchanged(EngineChoice engine) throws Exception {
        Criteria<NDList, NDList> criteria =
                Criteria.builder()
                        .setTypes(NDList.class, NDList.class)
                        .optModelUrls(url(run, engine))
                        .build();
        float[] pixels = new float[2 * 3 * 8 * 8];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = i % 7 - 3;
        }
        Shape shape = new Shape(2, 3, 8, 8);
        try (ZooModel<NDList, NDList> model = criteria.loadModel();
                Predictor<NDList, NDList> predictor = model.newPredictor();
                Network network =
                        Network.load(run.resolve("model.safetensors"), Engines.backend(engine));
                NDManager manager = Engines.backend(engine).newManager()) {
            NDArray x = Values.create(manager, pixels, shape, DataType.FLOAT32);
            float[] wanted = network.predict(new NDList(x)).toFloatArray();
            assertArrayEquals(
                    wanted, predictor.predict(new NDList(x)).head().toFloatArray(), 1e-4f);
        }
    }

    @Test
    void whatCannotBeLoadedIsSaid() {
        Criteria.Builder<String, Classifications> texts =
                Criteria.builder().setTypes(String.class, Classifications.class);
        ModelNotFoundException task =
                assertThrows(
                        ModelNotFoundException.class,
                        () -> texts.optModelUrls("residuum:" + run).build().loadModel());
        String reason = task.getCause().getCause().getMessage();
        assertTrue(reason.contains("Image to Classifications"), reason);
        SpecException parameter =
                assertThrows(
                        SpecException.class,
                        () -> texts.optModelUrls("residuum:" + run + "?engine=x"));
        assertTrue(parameter.getMessage().contains("backend=ENGINE"), parameter.getMessage());
        SpecException untrained =
                assertThrows(
                        SpecException.class,
                        () ->
                                Criteria.builder()
                                        .setTypes(NDList.class, NDList.class)
                                        .optModelUrls("residuum:" + run.resolve("none"))
                                        .build()
                                        .loadModel());
        assertTrue(untrained.getMessage().contains("none"), untrained.getMessage());
    }

    @Test
    void theDefaultEngineStays() {
        assertTrue(Engine.hasEngine(NetworkEngineProvider.NAME));
        assertTrue(
                List.of("MXNet", "PyTorch").contains(Engine.getDefaultEngineName()),
                Engine.getDefaultEngineName());
    }
}
