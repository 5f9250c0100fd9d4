package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.json.SpecJson;
import io.residuum.weights.Safetensors;
import io.residuum.weights.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each tensor of a file of inputs is used or refused, and each head is written. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TensorInputsTest {
    private static final String TEXT =
            """
            {"format": "residuum/1", "name": "text",
             "input": {"type": "tokens", "length": 5, "vocabulary": 11},
             "network": %s}
            """;

    private static final String HEADS =
            """
            {"format": "residuum/1", "name": "tower", "input": {"type": "features", "shape": [3]},
             "network": [{"type": "heads", "name": "heads", "heads": [
               {"type": "linear", "name": "policy", "units": 4},
               {"type": "linear", "name": "value", "units": 2}]}]}
            """;

    private static final long[] PADDED = {1, 2, 3, 4, 5, 6, 7, 8, 0, 0};
    private static final long[] MASK = {1, 1, 1, 1, 1, 1, 1, 1, 0, 0};
    private static final long[] SHAPE = {2, 5};

    private Path folder;
    private String bert;
    private String translator;
    private String heads;

    @BeforeAll
    void save(@TempDir Path temporary) throws IOException {
        folder = temporary;
        bert =
                saved(
                        "bert",
                        TEXT.formatted(
                                "{\"type\": \"bert\", \"vocabulary\": 11, \"width\": 8,"
                                        + " \"depth\": 1, \"heads\": 2, \"head\": \"maskedLm\"}"));
        translator =
                saved(
                        "translator",
                        TEXT.formatted(
                                "{\"type\": \"encoderDecoder\", \"vocabulary\": 11, \"width\": 8,"
                                        + " \"depth\": 1, \"heads\": 2, \"mlpWidth\": 12}"));
        heads = saved("heads", HEADS);
    }

    private String saved(String name, String spec) throws IOException {
        Path json = Files.writeString(folder.resolve(name + ".json"), spec);
        Path model = folder.resolve(name + ".safetensors");
        try (Backend backend = Backend.open(EngineChoice.AUTO, DeviceChoice.CPU);
                Network network = Network.create(SpecJson.standard().readModel(json), backend, 3)) {
            network.save(model);
        }
        return model.toString();
    }

    private static float[] floats(long... values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values[i];
        }
        return floats;
    }

    private static SafetensorsWriter ids(String name, long[] shape, long... values) {
        return new SafetensorsWriter().add(name, shape, values);
    }

    private String file(SafetensorsWriter writer) {
        Path file = folder.resolve("in.safetensors");
        writer.write(file);
        return file.toString();
    }

    private float[] predict(String model, SafetensorsWriter inputs, String... more) {
        Path output = folder.resolve("out.safetensors");
        String[] args = {"predict", model, "--input", file(inputs), "--output", output.toString()};
        String[] all = Arrays.copyOf(args, args.length + more.length);
        System.arraycopy(more, 0, all, args.length, more.length);
        Cli.ok(all);
        try (Safetensors tensors = Safetensors.open(output)) {
            return tensors.floats("output");
        }
    }

    private String refused(String model, SafetensorsWriter inputs, String... more) {
        Path output = folder.resolve("never.safetensors");
        String[] args = {"predict", model, "--input", file(inputs), "--output", output.toString()};
        String[] all = Arrays.copyOf(args, args.length + more.length);
        System.arraycopy(more, 0, all, args.length, more.length);
        Cli cli = Cli.run(all);
        assertEquals(1, cli.code(), cli.err());
        String last = cli.err().lines().reduce((a, b) -> b).orElse("");
        assertTrue(last.matches("residuum: \\S+in.safetensors: .*"), cli.err());
        assertFalse(Files.exists(output));
        return last;
    }

    @ParameterizedTest
    @CsvSource({"mxnet, mask", "pytorch, mask", "pytorch, attention_mask"})
    void aPaddedTextHasTheNumbersOfAShorterOne(String engine, String name) {
        float[] padded =
                predict(
                        bert,
                        ids("input", SHAPE, PADDED).add(name, SHAPE, floats(MASK)),
                        "--engine",
                        engine);
        float[] alone =
                predict(bert, ids("input_ids", new long[] {1, 3}, 6, 7, 8), "--engine", engine);
        assertArrayEquals(alone, Arrays.copyOfRange(padded, 5 * 11, 8 * 11), 1e-5f);
        float[] single =
                predict(
                        bert,
                        ids("input", SHAPE, PADDED).add(name, SHAPE, MASK),
                        "--batch",
                        "1",
                        "--engine",
                        engine);
        assertArrayEquals(padded, single, 1e-5f, "an integer mask, in batches of one");
    }

    @Test
    void segmentsAndOneMaskForAllSamplesAreRead() {
        float[] without = predict(bert, ids("input", SHAPE, PADDED));
        float[] zeros =
                predict(bert, ids("input", SHAPE, PADDED).add("segments", SHAPE, new long[10]));
        assertArrayEquals(without, zeros, 1e-6f);
        long[] ones = new long[10];
        Arrays.fill(ones, 1);
        float[] other = predict(bert, ids("input", SHAPE, PADDED).add("segments", SHAPE, ones));
        assertTrue(Math.abs(other[0] - zeros[0]) > 1e-4);
        long[] row = {1, 1, 1, 0, 0};
        long[] rows = {1, 1, 1, 0, 0, 1, 1, 1, 0, 0};
        assertArrayEquals(
                predict(bert, ids("input", SHAPE, PADDED).add("mask", SHAPE, rows)),
                predict(bert, ids("input", SHAPE, PADDED).add("mask", new long[] {1, 5}, row)),
                1e-6f);
    }

    @Test
    void aTranslatorReadsItsSourceUnderEitherName() {
        long[] target = {1, 2, 3, 4, 5, 6};
        long[] two = {2, 3};
        float[] padded =
                predict(
                        translator,
                        ids("input", two, target)
                                .add("source", SHAPE, PADDED)
                                .add("sourceMask", SHAPE, MASK));
        float[] transformers =
                predict(
                        translator,
                        ids("decoder_input_ids", two, target)
                                .add("input_ids", SHAPE, PADDED)
                                .add("attention_mask", SHAPE, floats(MASK)));
        assertArrayEquals(padded, transformers, 0f);
        float[] alone =
                predict(
                        translator,
                        ids("input", new long[] {1, 3}, 4, 5, 6)
                                .add("source", new long[] {1, 3}, new long[] {6, 7, 8}));
        assertArrayEquals(alone, Arrays.copyOfRange(padded, 3 * 11, 6 * 11), 1e-5f);
        String missing = refused(translator, ids("input", two, target));
        assertTrue(missing.contains("needs the tensor \"source\""), missing);
        String range =
                refused(
                        translator,
                        ids("input", two, target)
                                .add("source", SHAPE, new long[] {1, 2, 3, 4, 99, 1, 2, 3, 4, 5}));
        assertTrue(range.contains("\"source\" must hold ids in [0, 11), found 99"), range);
    }

    @Test
    void aTensorThatNothingReadsIsRefusedUnlessLeftOut() {
        SafetensorsWriter inputs =
                ids("input", SHAPE, PADDED).add("want", new long[] {1}, new float[] {1});
        String unread = refused(bert, inputs);
        assertTrue(
                unread.contains("which reads \"input\", \"positions\", \"segments\", \"mask\"")
                        && unread.contains("found \"want\"")
                        && unread.contains("--ignore"),
                unread);
        assertArrayEquals(
                predict(bert, ids("input", SHAPE, PADDED)),
                predict(bert, inputs, "--ignore", "want"),
                0f);
        String absent = refused(bert, ids("input", SHAPE, PADDED), "--ignore", "other");
        assertTrue(absent.contains("found no \"other\""), absent);
    }

    @Test
    void valuesAndShapesOfSideInputsAreChecked() {
        String additive =
                refused(
                        bert,
                        ids("input", SHAPE, PADDED)
                                .add("mask", SHAPE, floats(0, 0, 0, 0, 0, 0, 0, 0, -9, -9)));
        assertTrue(additive.contains("must be 1 for visible and 0 for hidden"), additive);
        String shape =
                refused(
                        bert,
                        ids("input", SHAPE, PADDED).add("mask", new long[] {2, 4}, new long[8]));
        assertTrue(shape.contains("must be (N, 5) or (N, 5, 5), got (2, 4)"), shape);
        String rows =
                refused(
                        bert,
                        ids("input", SHAPE, PADDED).add("mask", new long[] {3, 5}, new long[15]));
        assertTrue(rows.contains("one row for each of the 2 samples, found shape [3, 5]"), rows);
        String range =
                refused(
                        bert,
                        ids("input", SHAPE, PADDED)
                                .add("segments", SHAPE, new long[] {0, 0, 0, 0, 2, 0, 0, 0, 0, 0}));
        assertTrue(range.contains("\"segments\" must hold ids in [0, 2), found 2"), range);
        String type =
                refused(bert, ids("input", SHAPE, PADDED).add("segments", SHAPE, new float[10]));
        assertTrue(type.contains("must hold ids as integers, found F32"), type);
        String twice =
                refused(
                        bert,
                        ids("input", SHAPE, PADDED)
                                .add("mask", SHAPE, MASK)
                                .add("attention_mask", SHAPE, MASK));
        assertTrue(twice.contains("\"mask\" and \"attention_mask\""), twice);
    }

    @Test
    void everyHeadIsWritten() {
        SafetensorsWriter inputs =
                new SafetensorsWriter()
                        .add("input", new long[] {2, 3}, new float[] {1, 2, 3, -1, 0, 4});
        Path output = folder.resolve("heads-out.safetensors");
        Cli cli = Cli.ok("predict", heads, "--input", file(inputs), "--output", output.toString());
        assertTrue(cli.err().contains("output [2, 4], heads.value [2, 2]"), cli.err());
        try (Safetensors weights = Safetensors.open(Path.of(heads));
                Safetensors found = Safetensors.open(output)) {
            float[] w = weights.floats("heads.value.weight");
            float[] b = weights.floats("heads.value.bias");
            float[] expected = new float[4];
            float[] x = {1, 2, 3, -1, 0, 4};
            for (int row = 0; row < 2; row++) {
                for (int k = 0; k < 2; k++) {
                    expected[2 * row + k] = b[k];
                    for (int c = 0; c < 3; c++) {
                        expected[2 * row + k] += w[3 * k + c] * x[3 * row + c];
                    }
                }
            }
            assertArrayEquals(expected, found.floats("heads.value"), 1e-5f);
            assertEquals(List.of(2L, 4L), found.info("output").shape());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "export MODEL --format onnx -o OUT.onnx",
                "export MODEL --format torchscript -o OUT.pt",
                "export MODEL --format mxnet -o OUT",
                "show MODEL --graph OUT.svg"
            })
    void whatReadsOneHeadRefusesSeveral(String command) {
        String out = folder.resolve("refused").toString();
        Cli cli = Cli.run(command.replace("MODEL", heads).replace("OUT", out).split(" "));
        assertTrue(cli.code() == 1 || cli.code() == 2, cli.err());
        String last = cli.err().lines().reduce((a, b) -> b).orElse("");
        assertTrue(last.contains("heads.value") && last.contains("keep one head"), cli.err());
        assertFalse(last.contains("unexpected"), cli.err());
    }

    @Test
    void trainingRefusesSeveralHeads() throws IOException {
        Path spec =
                Files.writeString(
                        folder.resolve("images.json"),
                        """
                        {"format": "residuum/1", "name": "tower",
                         "input": {"type": "image", "shape": [1, 16, 16]},
                         "network": [{"type": "globalAveragePool"},
                           {"type": "heads", "name": "heads", "heads": [
                             {"type": "linear", "name": "policy", "units": 10},
                             {"type": "linear", "name": "value", "units": 2}]}]}
                        """);
        Cli cli =
                Cli.run(
                        "train",
                        spec.toString(),
                        "--data",
                        "digits",
                        "--out",
                        folder.resolve("run").toString());
        assertEquals(2, cli.code(), cli.err());
        assertTrue(cli.err().contains("would drop heads.value"), cli.err());
        assertFalse(Files.exists(folder.resolve("run")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"type\": \"conv2d\", \"filters\": 8, \"kernel\": 3, \"padding\": 2147483647}"
                        + "| below 2^63",
                "{\"type\": \"conv2d\", \"filters\": 2147483647, \"kernel\": 3}"
                        + "| at most 2147483647 values",
                "[{\"type\": \"flatten\"}, {\"type\": \"linear\", \"units\": 2147483647}]"
                        + "| at most 2147483647 values",
                "[{\"type\": \"flatten\"}, {\"type\": \"embedding\", \"vocabulary\": 2147483647,"
                        + " \"width\": 64}]| at most 2147483647 values",
                "[{\"type\": \"patchEmbedding\", \"patch\": 4, \"width\": 32},"
                        + " {\"type\": \"attention\", \"heads\": 4, \"headWidth\": 1000000000}]"
                        + "| below 2^31",
                "[{\"type\": \"patchEmbedding\", \"patch\": 4, \"width\": 32},"
                        + " {\"type\": \"feedForward\", \"ratio\": 1e9}]"
                        + "| below 2^31"
            })
    void sizesThatOverflowAreNamedWithTheirLine(String layers, String limit) throws IOException {
        Path spec =
                Files.writeString(
                        folder.resolve("large.json"),
                        """
                        {"format": "residuum/1", "name": "large",
                         "input": {"type": "image", "shape": [3, 32, 32]},
                         "network": [
                           {"type": "sequential", "layers":
                        %s}]}
                        """
                                .formatted(layers.startsWith("[") ? layers : "[" + layers + "]"));
        Cli cli = Cli.run("show", spec.toString());
        assertEquals(2, cli.code(), cli.err());
        assertTrue(cli.err().contains("large.json:5: $.network[0].layers["), cli.err());
        assertTrue(cli.err().contains(limit), cli.err());
        assertEquals(1, cli.err().lines().count(), cli.err());
    }
}
