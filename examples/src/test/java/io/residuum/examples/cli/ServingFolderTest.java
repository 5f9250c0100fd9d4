package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.Classifications.Classification;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** DJL loads the folders of {@code export --serving} without being told more. */
class ServingFolderTest {
    private static final String COLORS = "[0.5, 0.4, 0.3], \"std\": [0.2, 0.25, 0.3]";
    private static final String GRAY = "[0.13], \"std\": [0.31]";

    @TempDir private Path folder;

    private Path save(int channels, int size, String normalization) throws IOException {
        String spec =
                """
                {"format": "residuum/1", "name": "net",
                 "input": {"type": "image", "shape": [%d, %d, %d], "mean": %s},
                 "network": [
                   {"type": "conv2d", "name": "stem", "filters": 8, "kernel": 3, "stride": 2},
                   {"type": "activation", "function": "relu"},
                   {"type": "flatten"},
                   {"type": "linear", "name": "head", "units": 7}]}
                """
                        .formatted(channels, size, size, normalization);
        Path file = folder.resolve("net.safetensors");
        Backend backend = Engines.backend(EngineChoice.PYTORCH);
        try (Network network =
                Nets.shaken(
                        SpecJson.standard().parse(spec, "net", ModelSpec.class),
                        backend,
                        DataType.FLOAT32)) {
            network.setMetadata(
                    ModelMetadata.EMPTY.withClassNames(
                            List.of("a", "b", "c", "d", "e", "f", "sea lion")));
            network.save(file);
        }
        return file;
    }

    /** A picture of the network's size, because Residuum and DJL resize differently. */
    private Path picture(int channels, int width, int height) throws IOException {
        BufferedImage picture =
                new BufferedImage(
                        width,
                        height,
                        channels == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
        Random random = new Random(4);
        byte[] bytes = new byte[channels];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                random.nextBytes(bytes);
                for (int c = 0; c < channels; c++) {
                    picture.getRaster().setSample(x, y, c, bytes[c] & 0xFF);
                }
            }
        }
        Path file = folder.resolve("picture.png");
        ImageIO.write(picture, "png", file.toFile());
        return file;
    }

    private static JsonNode predict(Path model, Path picture) {
        return Cli.ok("predict", model.toString(), picture.toString(), "--json", "--no-compile")
                .json()
                .get(0)
                .get("classes");
    }

    private Path export(String model, String format) {
        Path out = folder.resolve("served");
        Cli.ok("export", model, "--format", format, "--serving", "-o", out.toString());
        return out;
    }

    @ParameterizedTest
    @CsvSource({
        "onnx, 3, 20, 20",
        "torchscript, 3, 20, 20",
        "mxnet, 3, 20, 20",
        "torchscript, 3, 70, 80",
        "onnx, 1, 20, 20",
        "torchscript, 1, 20, 20",
        "mxnet, 1, 20, 20",
    })
    void classifiersReadImages(String format, int channels, int size, int pictureSize)
            throws Exception {
        Path model = save(channels, size, channels == 1 ? GRAY : COLORS);
        Path picture = picture(channels, pictureSize + 3, pictureSize);
        JsonNode expected = predict(model, picture);
        Path served = export(model.toString(), format);
        Criteria<Image, Classifications> criteria =
                Criteria.builder()
                        .setTypes(Image.class, Classifications.class)
                        .optModelPath(served)
                        .build();
        try (ZooModel<Image, Classifications> zoo = criteria.loadModel();
                Predictor<Image, Classifications> predictor = zoo.newPredictor()) {
            Image image = ImageFactory.getInstance().fromFile(picture);
            List<Classification> found = predictor.predict(image).topK();
            assertEquals(5, found.size());
            for (int i = 0; i < found.size(); i++) {
                JsonNode wanted = expected.get(i);
                assertEquals(wanted.get("name").asText(), found.get(i).getClassName());
                assertEquals(
                        wanted.get("probability").asDouble(),
                        found.get(i).getProbability(),
                        1e-4,
                        found::toString);
            }
        }
    }

    /** Converts a request with a file as DJL Serving does. */
    @ParameterizedTest
    @CsvSource({"onnx", "torchscript", "mxnet"})
    void serversReadFiles(String format) throws Exception {
        Path model = save(3, 20, COLORS);
        Path picture = picture(3, 20, 20);
        Path served = export(model.toString(), format);
        Criteria<Input, Output> criteria =
                Criteria.builder().setTypes(Input.class, Output.class).optModelPath(served).build();
        try (ZooModel<Input, Output> zoo = criteria.loadModel();
                Predictor<Input, Output> predictor = zoo.newPredictor()) {
            Input request = new Input();
            request.add(Files.readAllBytes(picture));
            Output answer = predictor.predict(request);
            assertEquals(200, answer.getCode(), answer.getMessage());
            JsonNode classes = JsonMapper.builder().build().readTree(answer.getAsString(0));
            assertEquals(5, classes.size());
            assertEquals(
                    predict(model, picture).get(0).get("name"), classes.get(0).get("className"));
        }
    }

    @ParameterizedTest
    @CsvSource({"onnx", "torchscript", "mxnet"})
    void othersReadTensors(String format) throws Exception {
        Path served = export("char-gpt", format);
        // An existing folder is overwritten.
        export("char-gpt", format);
        assertFalse(Files.exists(served.resolve("synset.txt")));
        Criteria<NDList, NDList> criteria =
                Criteria.builder()
                        .setTypes(NDList.class, NDList.class)
                        .optModelPath(served)
                        .build();
        try (ZooModel<NDList, NDList> zoo = criteria.loadModel();
                Predictor<NDList, NDList> predictor = zoo.newPredictor();
                NDManager manager = zoo.getNDManager().newSubManager()) {
            NDList ids = new NDList(manager.create(new long[2 * 64], new Shape(2, 64)));
            assertEquals(
                    new Shape(2, 64, 65), predictor.predict(ids).singletonOrThrow().getShape());
        }
    }

    @Test
    void aFileIsNoFolder() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "mine");
        Cli cli =
                Cli.run(
                        "export",
                        "char-gpt",
                        "--format",
                        "onnx",
                        "--serving",
                        "-o",
                        file.toString());
        assertEquals(1, cli.code(), cli.err());
        assertEquals("mine", Files.readString(file));
        assertTrue(cli.err().contains(file + ": --serving writes a folder"), cli.err());
    }

    @Test
    void aFolderAboveThatIsNotThereIsNamed() {
        Path out = folder.resolve("missing").resolve("served");
        Cli cli = Cli.run("export", "char-gpt", "--format=onnx", "--serving", "-o", out.toString());
        assertEquals(1, cli.code(), cli.err());
        assertTrue(cli.err().contains(out + ": the folder " + out.getParent()), cli.err());
    }
}
