package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import com.fasterxml.jackson.databind.JsonNode;
import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.weights.Safetensors;
import io.residuum.weights.SafetensorsWriter;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands on a network with two inputs and two outputs. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GraphCommandsTest {
    private static final String SPEC =
            """
            {"format": "residuum/1", "name": "two",
             "input": {"type": "several", "inputs": [
               {"name": "board", "type": "image", "shape": [1, 3, 3]},
               {"name": "clock", "type": "features", "shape": [2]}]},
             "network": {"type": "graph", "inputs": ["board", "clock"],
               "outputs": ["policy", "value"], "layers": [
               {"type": "conv2d", "name": "stem", "filters": 4, "kernel": 3, "from": "board"},
               {"type": "flatten", "name": "flat"},
               {"type": "concat", "name": "seen", "from": ["flat", "clock"]},
               {"type": "linear", "name": "policy", "units": 5},
               {"type": "linear", "name": "value", "from": "seen", "units": 3}]}}
            """;
    private static final float[] BOARD = {1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 0, 1, 0, 1, 0, 1, 0};
    private static final float[] CLOCK = {0.5f, -1, 2, 3};

    private Path folder;
    private String model;
    private Map<String, float[]> expected;

    @BeforeAll
    void save(@TempDir Path temporary) throws IOException {
        folder = temporary;
        Path spec = Files.writeString(folder.resolve("two.json"), SPEC);
        model = folder.resolve("two.safetensors").toString();
        try (Backend backend = Backend.open(EngineChoice.AUTO, DeviceChoice.CPU);
                Network network = Network.create(SpecJson.standard().readModel(spec), backend, 3);
                NDManager manager = backend.newManager()) {
            network.save(Path.of(model));
            NDArray clock = manager.create(CLOCK, new Shape(2, 2));
            clock.setName("clock");
            NDList inputs = new NDList(manager.create(BOARD, new Shape(2, 1, 3, 3)), clock);
            Map<String, NDArray> outputs = network.predictAll(inputs);
            expected =
                    Map.of(
                            "policy", Values.floats(outputs.get("policy")),
                            "value", Values.floats(outputs.get("value")));
        }
    }

    private String inputs(String first, String second, long... shape) {
        Path file = folder.resolve("in.safetensors");
        new SafetensorsWriter()
                .add(first, new long[] {2, 1, 3, 3}, BOARD)
                .add(second, shape, CLOCK)
                .write(file);
        return file.toString();
    }

    @Test
    void predictReadsAndWritesEachTensorByName() {
        Path output = folder.resolve("out.safetensors");
        Cli cli =
                Cli.ok(
                        "predict",
                        model,
                        "--input",
                        inputs("board", "clock", 2, 2),
                        "--output",
                        output.toString());
        assertTrue(cli.err().contains("policy [2, 5], value [2, 3]"), cli.err());
        try (Safetensors found = Safetensors.open(output)) {
            expected.forEach((name, y) -> assertArrayEquals(y, found.floats(name), 1e-5f, name));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "board | timer | 2 | 2 | which reads \"input\", \"clock\", found \"timer\"",
                "board | clock | 4 | 1 | one row for each of the 2 samples, found shape [4, 1, 1]",
                "data | clock | 1 | 4 | one row for each of the 2 samples, found shape [1, 4, 1]",
                "input | clock | 2 | 1 | clock: the input must be (N, ...) like (-1, 2)"
            })
    void aMissingOrWronglyShapedInputIsNamed(
            String first, String second, long rows, long width, String reason) {
        String file = inputs(first, second, rows, width, CLOCK.length / rows / width);
        String output = folder.resolve("refused.safetensors").toString();
        Cli cli = Cli.run("predict", model, "--input", file, "--output", output);
        assertTrue(cli.code() == 1 || cli.code() == 2, cli.err());
        assertTrue(cli.err().contains(reason), cli.err());
    }

    @ParameterizedTest
    @CsvSource({"onnx,net.onnx,OnnxRuntime", "torchscript,net.pt,PyTorch", "mxnet,net,MXNet"})
    void exportedFilesComputeBothOutputs(String format, String file, String engine)
            throws Exception {
        String out = folder.resolve(file).toString();
        // DJL would load PyTorch without the settings of the backend.
        Engines.all();
        Cli cli = Cli.ok("export", model, "--format", format, "-o", out);
        for (String line :
                new String[] {
                    "input    data (N, 1, 3, 3)",
                    "input    clock (N, 2)",
                    "output   policy (N, 5)",
                    "output   value (N, 3)"
                }) {
            assertTrue(cli.err().contains(line), cli.err());
        }
        try (Model loaded = Model.newInstance("net", engine)) {
            loaded.load(folder, file.replace(".pt", ""));
            try (Predictor<NDList, NDList> runtime = loaded.newPredictor(new NoopTranslator());
                    NDManager manager = NDManager.newBaseManager(engine)) {
                NDArray board = manager.create(BOARD, new Shape(2, 1, 3, 3));
                NDArray clock = manager.create(CLOCK, new Shape(2, 2));
                board.setName("data");
                clock.setName("clock");
                NDList found = runtime.predict(new NDList(board, clock));
                assertEquals(2, found.size());
                assertArrayEquals(expected.get("policy"), found.get(0).toFloatArray(), 1e-5f);
                assertArrayEquals(expected.get("value"), found.get(1).toFloatArray(), 1e-5f);
            }
        }
        if (format.equals("mxnet")) {
            String symbol = Files.readString(folder.resolve("net-symbol.json"));
            assertTrue(symbol.contains("\"name\": \"policy\""), symbol);
        }
    }

    @Test
    void showListsInputsOutputsAndDraws() throws IOException {
        Cli cli = Cli.ok("show", model);
        assertTrue(
                cli.out()
                        .startsWith(
                                "two: input board (N, 1, 3, 3), clock (N, 2); outputs policy (N,"
                                        + " 5), value (N, 3)"),
                cli.out());
        Path svg = folder.resolve("two.svg");
        Cli.ok("show", model, "--graph", svg.toString());
        String drawn = Files.readString(svg);
        assertTrue(drawn.contains("clock") && drawn.contains("policy"), drawn);
    }

    /** Classes come from the output that the user names, for images and texts. */
    @Test
    void aHeadIsChosenByName() throws IOException {
        Path images =
                Files.writeString(
                        folder.resolve("boards.json"),
                        """
                        {"format": "residuum/1", "name": "boards",
                         "input": {"type": "image", "shape": [1, 8, 8]},
                         "network": {"type": "graph", "outputs": ["map", "policy", "value"],
                          "layers": [
                           {"type": "conv2d", "name": "map", "filters": 2, "kernel": 3},
                           {"type": "globalAveragePool", "name": "pooled"},
                           {"type": "linear", "name": "policy", "units": 5},
                           {"type": "linear", "name": "value", "from": "pooled", "units": 3}]}}
                        """);
        Path texts =
                Files.writeString(
                        folder.resolve("texts.json"),
                        """
                        {"format": "residuum/1", "name": "texts",
                         "input": {"type": "tokens", "vocabulary": 4, "length": 8},
                         "network": {"type": "graph", "outputs": ["tags", "topic", "tone"],
                          "layers": [
                           {"type": "embedding", "name": "tags", "vocabulary": 4, "width": 6},
                           {"type": "tokenPool", "name": "pooled", "mode": "mean"},
                           {"type": "linear", "name": "topic", "units": 4},
                           {"type": "linear", "name": "tone", "from": "pooled", "units": 2}]}}
                        """);
        Path picture = folder.resolve("a.png");
        ImageIO.write(
                new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY), "png", picture.toFile());
        String boards = weights(images, ModelMetadata.EMPTY);
        String sentences =
                weights(
                        texts,
                        ModelMetadata.EMPTY.with(
                                Tokenizer.METADATA, CharTokenizer.of("abcd").json()));
        Map<String, Integer> classes = Map.of("policy", 5, "value", 3, "topic", 4, "tone", 2);
        for (List<String> call :
                List.of(
                        List.of(boards, picture.toString(), "policy", "value"),
                        List.of(sentences, "--text=abcd", "topic", "tone"))) {
            for (String head : call.subList(2, 4)) {
                JsonNode found =
                        Cli.ok("predict", call.get(0), call.get(1), "--head", head, "--json")
                                .json()
                                .get(0)
                                .get("classes");
                assertEquals(classes.get(head), found.size(), head);
                double sum = 0;
                for (JsonNode one : found) {
                    sum += one.get("probability").asDouble();
                }
                assertEquals(1, sum, 1e-6);
            }
            Cli map = Cli.run("predict", call.get(0), call.get(1), "--head", "map");
            assertTrue(
                    map.err().contains("(N, classes)") || map.err().contains("got \"map\""),
                    map.err());
        }
        Cli none = Cli.run("predict", boards, picture.toString());
        assertEquals(2, none.code());
        assertTrue(none.err().contains("got several (map, policy, value)"), none.err());
        assertTrue(none.err().contains("--head NAME"), none.err());
        Cli text = Cli.run("predict", sentences, "--text=abcd");
        assertEquals(2, text.code());
        assertTrue(text.err().contains("tags, topic, tone: choose one with --head"), text.err());
        Cli unknown = Cli.run("predict", boards, picture.toString(), "--head=polcy");
        assertEquals(2, unknown.code());
        assertTrue(unknown.err().contains("must be one of [map, policy, value]"), unknown.err());
        Cli question = Cli.run("predict", sentences, "--text=a", "--text-pair=b", "--head=topic");
        assertEquals(2, question.code());
        assertTrue(question.err().contains("--head is for the classes"), question.err());
    }

    private String weights(Path spec, ModelMetadata metadata) throws IOException {
        Path file = Path.of(spec.toString().replace(".json", ".safetensors"));
        try (Backend backend = Backend.open();
                Network network = Network.create(SpecJson.standard().readModel(spec), backend, 3)) {
            network.setMetadata(metadata);
            network.save(file);
        }
        return file.toString();
    }

    @Test
    void trainingNamesTheOutputs() throws IOException {
        Path images =
                Files.writeString(
                        folder.resolve("heads.json"),
                        """
                        {"format": "residuum/1", "name": "heads",
                         "input": {"type": "image", "shape": [1, 16, 16]},
                         "network": {"type": "graph", "outputs": ["policy", "value"], "layers": [
                           {"type": "globalAveragePool", "name": "pooled"},
                           {"type": "linear", "name": "policy", "units": 10},
                           {"type": "linear", "name": "value", "from": "pooled", "units": 2}]}}
                        """);
        Cli cli =
                Cli.run(
                        "train",
                        images.toString(),
                        "--data",
                        "digits",
                        "--out",
                        folder.resolve("run").toString());
        assertEquals(2, cli.code(), cli.err());
        assertTrue(cli.err().contains("got several (policy, value)"), cli.err());
    }
}
