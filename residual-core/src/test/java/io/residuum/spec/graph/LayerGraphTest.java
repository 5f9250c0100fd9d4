package io.residuum.spec.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.spec.layers.Linear;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Graphs of layers as JSON: what they build, and what is refused where. */
class LayerGraphTest {
    private static final String HEAD =
            """
            {"format": "residuum/1", "name": "net", "input": {"type": "features", "shape": [6]},
             "network": {"type": "graph", %s "layers": [
            """;

    @TempDir private Path folder;

    private ModelSpec read(String keys, String... layers) throws Exception {
        String text = HEAD.formatted(keys) + String.join(",\n", layers) + "]}}\n";
        return SpecJson.standard().readModel(Files.writeString(folder.resolve("net.json"), text));
    }

    @Test
    void namesPathsAndOutputs() throws Exception {
        ModelSpec spec =
                read(
                        "\"outputs\": [\"policy\", \"value\"],",
                        "{\"type\": \"linear\", \"name\": \"trunk\", \"units\": 4}",
                        "{\"type\": \"linear\", \"units\": 5, \"to\": \"policy\"}",
                        "{\"type\": \"concat\", \"name\": \"seen\", \"from\": [\"trunk\","
                                + " \"input\"]}",
                        "{\"type\": \"linear\", \"name\": \"value\", \"units\": 3}");
        Layer block = spec.newBlock();
        assertEquals(List.of("policy", "value"), block.outputNames());
        assertEquals(List.of(new Shape(-1, 5), new Shape(-1, 3)), block.outputShapes());
        assertEquals(
                List.of(
                        "trunk.weight",
                        "trunk.bias",
                        "1.weight",
                        "1.bias",
                        "value.weight",
                        "value.bias"),
                List.copyOf(block.namedParameters().keySet()));
        SpecJson json = SpecJson.standard();
        assertEquals(spec, json.parse(json.write(spec), "again", ModelSpec.class));
        assertEquals(spec, json.parse(json.writeAll(spec), "again", ModelSpec.class));
    }

    @Test
    void javaAndJsonAreTheSameSpec() throws Exception {
        LayerGraph graph =
                new LayerGraph(
                        List.of(
                                LayerNode.of(new Linear("a", 6)),
                                LayerNode.of(new Use("b", "a")),
                                LayerNode.of(new Add("")).from("a", "b", "input")));
        assertEquals(
                new ModelSpec("net", new InputSpec.Features(List.of(6)), graph),
                read(
                        "",
                        "{\"type\": \"linear\", \"name\": \"a\", \"units\": 6}",
                        "{\"type\": \"use\", \"name\": \"b\", \"layer\": \"a\"}",
                        "{\"type\": \"add\", \"from\": [\"a\", \"b\", \"input\"]}"));
        assertEquals(
                new Shape(-1, 9),
                new ModelSpec(
                                "net",
                                new InputSpec.Features(List.of(6)),
                                new LayerGraph(
                                        List.of(
                                                LayerNode.of(new Linear("a", 6)),
                                                LayerNode.of(new Linear("head", 2)))))
                        .withClasses(9)
                        .newBlock()
                        .outputShape());
    }

    /** A linear layer of six units on the line before stands for {@code A}. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "A, \"from\": \"stam\"} | 4: $.network.layers[1].from: | did you mean \"stem\"?",
                "A, \"name\": \"x\", \"from\": \"y\"}, A, \"to\": \"y\"}, {\"type\": \"add\","
                        + " \"from\": [\"x\", \"y\"]} | 4: $.network.layers[1].from: | \"y\", which"
                        + " layers[2] makes later",
                "A, \"name\": \"x\", \"from\": [\"x\"]} | 4: $.network.layers[1].from: | this layer"
                        + " makes itself",
                "A, \"with\": {\"mask\": \"gone\"}} | 4: $.network.layers[1].with.mask: | unknown"
                        + " value \"gone\"",
                "A, \"with\": {\"mask\": \"stem\"}} | 4: $.network.layers[1]: | that the layer"
                        + " reads (none), got \"mask\"",
                "A, \"from\": \"input\"} | 3: $.network.layers[0]: | got \"stem\" without a reader",
                "A, \"to\": \"stem\"}, A, \"from\": \"input\", \"to\": \"stem\"}"
                        + " | 4: $.network.layers[1]: | got \"stem\" without a reader",
                "{\"type\": \"use\", \"name\": \"u\", \"layer\": \"stam\"} | 4:"
                        + " $.network.layers[1].layer: | unknown layer \"stam\", did you mean"
                        + " \"stem\"?",
                "{\"type\": \"add\", \"from\": [\"stem\", \"input\"], \"form\": 1}"
                        + " | 4: $.network.layers[1]: | did you mean \"from\"?",
                "A, \"from\": [\"stem\", \"input\"]} | 4: $.network.layers[1]: | must read one"
                        + " value, got 2",
                "{\"type\": \"add\"} | 4: $.network.layers[1]: | join two or more values, got one",
                "{\"type\": \"multiply\"} | 4: $.network.layers[1]: | join two or more values",
                "{\"type\": \"concat\"} | 4: $.network.layers[1]: | join two or more values",
                "{\"type\": \"split\", \"parts\": 4} | 4: $.network.layers[1]: | parts must divide"
                        + " the 6 of axis 1",
                "{\"type\": \"split\", \"parts\": [1, 2, 3]} | 4: $.network.layers[1]: | which has"
                        + " 3 (0, 1, 2), got [1]",
                "{\"type\": \"split\", \"parts\": [1, 2], \"to\": [\"a\", \"b\"]}, {\"type\":"
                        + " \"add\"} | 4: $.network.layers[1]: | add up to the 6",
                "{\"type\": \"split\", \"parts\": [2, 4], \"to\": [\"a\", \"b\"]}, {\"type\":"
                        + " \"add\"} | 4: $.network.layers[2]: | equal shapes",
                "{\"type\": \"split\", \"parts\": 2, \"to\": [\"a\", \"b\"]}, A, \"from\": \"a\","
                    + " \"to\": \"c\"}, {\"type\": \"use\", \"name\": \"u\", \"layer\": \"2\","
                    + " \"from\": \"stem\"}, {\"type\": \"concat\", \"from\": [\"b\", \"c\","
                    + " \"u\"]} | 4: $.network.layers[3]: | a shared layer must read equal shapes,"
                    + " got (-1, 6) for \"2\" that is built for (-1, 3)",
                "{\"type\": \"residual\", \"branch\": {\"type\": \"split\", \"parts\": 2}} | 4:"
                        + " $.network.layers[1].branch: | must have one output here, got [0, 1]",
                "A, \"type\": \"use\"} | 4: | duplicate",
            })
    void saysWhereAGraphIsWrong(String layers, String place, String reason) {
        String linear = "{\"type\": \"linear\", \"units\": 6";
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () ->
                                read(
                                        "",
                                        "{\"type\": \"linear\", \"name\": \"stem\", \"units\": 6}",
                                        layers.replace("A,", linear + ",")));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains("net.json:" + place), message);
        assertTrue(message.contains(reason), message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"inputs\": [\"input\", \"clock\"], | must get one value for each of its inputs"
                        + " (input, clock), got 1",
                "\"outputs\": \"y\", | outputs must name a value made before: unknown value \"y\"",
                "\"inputs\": [], | inputs must name one input or more",
                "\"outputs\": [\"x\", \"x\"], | outputs must be different names"
            })
    void checksInputsAndOutputs(String keys, String reason) {
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () ->
                                read(
                                        keys,
                                        "{\"type\": \"add\", \"name\": \"x\","
                                                + (keys.contains("clock")
                                                        ? " \"from\": [\"input\", \"clock\"]}"
                                                        : " \"from\": [\"input\", \"input\"]}")));
        assertTrue(e.getMessage().contains(reason), e.getMessage());
    }
}
