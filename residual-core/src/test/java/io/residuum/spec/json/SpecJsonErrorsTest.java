package io.residuum.spec.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.residual.CoreLayers;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.SpecException;
import io.residuum.spec.TypeName;
import io.residuum.spec.json.Fixtures.Everything;
import io.residuum.spec.json.Fixtures.Policy;
import io.residuum.spec.json.Fixtures.Rate;
import io.residuum.spec.json.Fixtures.Recipe;
import io.residuum.spec.layers.Conv2d;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpecJsonErrorsTest {
    private static final String MODEL =
            """
            {
              "format": "residuum/1",
              "name": "my-net",
              "input": {"type": "image", "shape": [3, 32, 32]},
              "network": {
                "type": "sequential",
                "layers": [
                  {"type": "conv2d", "name": "stem", "filters": 32, "kernel": 3, "padding": 1, "bias": false},
                  {
                    "type": "residual",
                    "name": "unit",
                    "branch": [{"type": "conv2d", "filters": 32, "kernel": [3, 3], "padding": 1}],
                    "scale": {"type": "learned", "init": 0.0},
                    "dropPath": 0.1
                  },
                  {"type": "globalAveragePool", "name": "pool"}
                ]
              }
            }
            """;

    private final SpecJson json = Fixtures.json();

    private String error(String text, Class<?> type) {
        String message =
                assertThrows(SpecException.class, () -> json.parse(text, "f.json", type))
                        .getMessage();
        assertEquals(1, message.lines().count(), message);
        return message;
    }

    /** Mistakes in the model above: what is replaced, by what, and what the reader says. */
    static Stream<Arguments> mistakes() {
        return Stream.of(
                arguments(
                        "\"kernel\": 3",
                        "\"kernel\": 0",
                        "8: $.network.layers[0].kernel: kernel must be 1 or more, got 0"),
                arguments(
                        "\"kernel\": 3",
                        "\"kernal\": 3",
                        "8: $.network.layers[0]: unknown key \"kernal\", did you mean \"kernel\"?"
                                + " (accepted: type, name, filters, kernel, stride, padding,"
                                + " dilation, groups, bias, init, biasInit)"),
                arguments(
                        "\"kernel\": [3, 3]",
                        "\"kernel\": [3, 3, 3]",
                        "12: $.network.layers[1].branch[0].kernel: a size must be a number or"
                                + " [height, width], got [3, 3, 3]"),
                arguments(
                        "\"kernel\": [3, 3]",
                        "\"kernel\": [3, \"3\"]",
                        "12: $.network.layers[1].branch[0].kernel[1]: expected a whole number,"
                                + " got the string \"3\""),
                arguments(
                        "\"kernel\": 3",
                        "\"kernel\": true",
                        "8: $.network.layers[0].kernel: expected a whole number or an array or an"
                                + " object, got true"),
                arguments(
                        "\"filters\": 32, \"kernel\": 3",
                        "\"kernel\": 3",
                        "8: $.network.layers[0]: missing \"filters\" of conv2d"),
                arguments(
                        "\"filters\": 32, \"kernel\": 3",
                        "\"filters\": 32.5, \"kernel\": 3",
                        "8: $.network.layers[0].filters: expected a whole number, got 32.5"),
                arguments(
                        "\"filters\": 32, \"kernel\": 3",
                        "\"filters\": 3000000000, \"kernel\": 3",
                        "8: $.network.layers[0].filters: expected a whole number in"
                                + " [-2147483648, 2147483647], got 3000000000"),
                arguments(
                        "\"filters\": 32, \"kernel\": 3",
                        "\"filters\": 1e999999999, \"kernel\": 3",
                        "8: $.network.layers[0].filters: expected a whole number in"
                                + " [-2147483648, 2147483647], got 1e999999999"),
                arguments(
                        "\"filters\": 32, \"kernel\": 3",
                        "\"filters\": null, \"kernel\": 3",
                        "8: $.network.layers[0].filters: expected a whole number, got null"),
                arguments(
                        "\"bias\": false",
                        "\"bias\": 0",
                        "8: $.network.layers[0].bias: expected true or false, got 0"),
                arguments(
                        "\"name\": \"pool\"",
                        "\"name\": {}",
                        "16: $.network.layers[2].name: expected a string, got an object"),
                arguments(
                        "\"type\": \"learned\", ",
                        "",
                        "13: $.network.layers[1].scale: missing \"type\" (accepted: none, constant,"
                                + " learned, affine, byDepth, conditioned, shakeDrop)"),
                arguments(
                        "\"type\": \"learned\", ",
                        "\"type\": 1, ",
                        "13: $.network.layers[1].scale.type: expected a string, got 1"),
                arguments(
                        "{\"type\": \"learned\", \"init\": 0.0}",
                        "\"constant\"",
                        "13: $.network.layers[1].scale: missing \"value\" of constant"),
                arguments(
                        "{\"type\": \"learned\", \"init\": 0.0}",
                        "\"learnt\"",
                        "13: $.network.layers[1].scale: unknown type \"learnt\", did you mean"
                            + " \"learned\"? (accepted: none, constant, learned, affine, byDepth,"
                            + " conditioned, shakeDrop)"),
                arguments(
                        "{\"type\": \"learned\", \"init\": 0.0}",
                        "[]",
                        "13: $.network.layers[1].scale: expected the name of a type or an object"
                                + " with \"type\", got an array"),
                arguments(
                        "0.0}",
                        "1e400}",
                        "13: $.network.layers[1].scale.init: expected a number that a double holds,"
                                + " got 1e400"),
                arguments(
                        "\"dropPath\": 0.1",
                        "\"dropPath\": 1.5",
                        "14: $.network.layers[1].dropPath: dropPath must be in [0, 1), got 1.5"),
                arguments(
                        "\"dropPath\": 0.1",
                        "\"dropPath\": {\"mode\": \"batch\",\n \"rate\": -1}",
                        "15: $.network.layers[1].dropPath.rate: rate must be in [0, 1), got -1.0"),
                arguments(
                        "\"dropPath\": 0.1",
                        "\"tap\": \"inptu\"",
                        "14: $.network.layers[1].tap: unknown value \"inptu\", did you mean"
                                + " \"input\"? (accepted: input, carry, read, before)"),
                arguments(
                        "\"dropPath\": 0.1",
                        "\"tap\": 1",
                        "14: $.network.layers[1].tap: expected one of input, carry, read, before,"
                                + " got 1"),
                arguments(
                        "\"dropPath\": 0.1",
                        "\"dropPath\": 0.1,\n\n\"name\": \"again\"",
                        "16: $.network.layers[1]: duplicate key \"name\""),
                arguments(
                        "[3, 32, 32]",
                        "[3, 32]",
                        "4: $.input.shape: shape must be three positive numbers"
                                + " [channels, height, width], got [3, 32]"),
                arguments(
                        "residuum/1",
                        "residuum/2",
                        "2: $.format: format must be \"residuum/1\", got \"residuum/2\""),
                arguments(
                        "my-net\",",
                        "my-net\"",
                        "4: malformed JSON at column 3: expected ',' or '}', found '\"'"),
                arguments(
                        "my-net\"",
                        "my\nnet\"",
                        "3: malformed JSON at column 14: control characters in strings must be"
                                + " escaped"),
                arguments(
                        "\"dropPath\": 0.1",
                        "\"dropPath\": NaN",
                        "14: malformed JSON at column 21: expected a value, found" + " \"NaN\""));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void saysWhereAndWhat(String right, String wrong, String expected) {
        assertTrue(MODEL.contains(right));
        int at = MODEL.indexOf(right);
        String text = MODEL.substring(0, at) + wrong + MODEL.substring(at + right.length());
        assertEquals("f.json:" + expected, error(text, ModelSpec.class));
    }

    static Stream<Arguments> documents() {
        return Stream.of(
                arguments(Recipe.class, "", "1: expected a JSON value, got an empty document"),
                arguments(Recipe.class, " \n ", "1: expected a JSON value, got an empty document"),
                arguments(Recipe.class, "[]", "1: $: expected an object, got an array"),
                arguments(Recipe.class, "{}", "1: $: missing \"data\" of Recipe"),
                arguments(
                        Recipe.class,
                        "{\"data\": \"d\"}\n{}",
                        "2: expected the end of the document, got more"),
                arguments(
                        Recipe.class,
                        "{\"data\": \"d\"} x",
                        "1: expected the end of the document, got more"),
                arguments(
                        Recipe.class,
                        "{\"data\": \"d\", // no comments\n}",
                        "1: malformed JSON at column 15: expected '\"', found '/'"),
                arguments(
                        Recipe.class,
                        "{\"data\": \"d\",}",
                        "1: malformed JSON at column 14: expected '\"', found '}'"),
                arguments(
                        Recipe.class,
                        "{'data': 1}",
                        "1: malformed JSON at column 2: expected '\"', found '''"),
                arguments(
                        Recipe.class,
                        "{\n\"data\": \"d\",\n\"rate\": [",
                        "3: malformed JSON at column 10: the JSON must be complete, found its end"
                                + " in $.rate"),
                arguments(
                        Recipe.class,
                        "{\"data\": \"d\", \"rate\": 01}",
                        "1: malformed JSON at column 23: expected a value, found \"01\""),
                arguments(
                        Recipe.class,
                        "{\"a\": [}",
                        "1: malformed JSON at column 8: expected a value, found '}'"),
                arguments(
                        Recipe.class,
                        "{\"da\\nta\\u202e\": 1}",
                        "1: $: unknown key \"da\\nta\\u202e\", did you mean \"data\"?"
                                + " (accepted: data, epochs, rate)"),
                arguments(
                        Recipe.class,
                        "{\"" + "k".repeat(200) + "\": 1}",
                        "1: $: unknown key \""
                                + "k".repeat(120)
                                + "\"... of 200 (accepted: data, epochs, rate)"),
                arguments(
                        Recipe.class,
                        "{\"data\": \"d\", \"rate\": " + "9".repeat(101) + "}",
                        "1: $.rate: a number has at most 100 characters, got 101"),
                arguments(
                        Recipe.class,
                        "{\"data\": \"d\", \"rate\": {\"type\": \"curve\", \"points\": [1, null]}}",
                        "1: $.rate.points[1]: expected a number, got null"),
                arguments(
                        Everything.class,
                        "{\"type\": \"conv2d\"}",
                        "1: $.type: expected \"everything\", got the string \"conv2d\""),
                arguments(
                        Everything.class,
                        "{\"rates\": {\"a b\":\n true}}",
                        "2: $.rates[\"a b\"]: expected a number or the name of a type or an object"
                                + " with \"type\", got true"),
                arguments(
                        Everything.class,
                        "{\"policy\": \"AB\"}",
                        "1: $.policy: name must be one letter, got \"AB\""),
                arguments(
                        Everything.class,
                        "{\"flag\": false,\n\"small\": 100}",
                        "1: $: the flag must be set for numbers from 100"),
                arguments(
                        Everything.class,
                        "{\"large\": 9223372036854775807}",
                        "1: $: java.lang.ArithmeticException: long overflow"),
                arguments(
                        Everything.class,
                        "{\"large\": 9223372036854775808}",
                        "1: $.large: expected a whole number in [-9223372036854775808,"
                                + " 9223372036854775807], got 9223372036854775808"),
                arguments(
                        Policy.class,
                        "1",
                        "1: $: expected a string or an object with \"type\", got 1"),
                arguments(
                        InputSpec.class,
                        "{\"type\": \"\\u0007\"}",
                        "1: $.type: unknown type \"\\u0007\" (accepted: image, tokens, features,"
                                + " several)"),
                arguments(
                        LayerSpec.class,
                        "{\"type\": \"residual\", \"branch\": [], \"shortcut\": \"none\","
                                + "\n\"merge\": \"concat\"}",
                        "2: $.merge: merge must be add without a shortcut, got Concat[]"));
    }

    @ParameterizedTest
    @MethodSource("documents")
    void saysWhatIsWrongWithADocument(Class<?> type, String text, String expected) {
        assertEquals("f.json:" + expected, error(text, type));
    }

    @Test
    void suggestsALayerByItsName() {
        SpecJson small = new SpecJson(List.of(Sequential.class, Conv2d.class));
        String message = "unknown type \"%s\"%s (accepted: conv2d, sequential)";
        Map<String, String> suggestions =
                Map.of(
                        "Conv2D", ", did you mean \"conv2d\"?",
                        "conv3d", ", did you mean \"conv2d\"?",
                        "sequental", ", did you mean \"sequential\"?",
                        "c", "",
                        "", "",
                        "transformer", "");
        suggestions.forEach(
                (name, suggestion) -> {
                    String text = "[\"" + name + "\"]";
                    String said =
                            assertThrows(
                                            SpecException.class,
                                            () -> small.parse(text, "f.json", LayerSpec.class))
                                    .getMessage();
                    assertEquals("f.json:1: $[0]: " + message.formatted(name, suggestion), said);
                });
    }

    @Test
    void boundsTheDepth() {
        String brackets = "[".repeat(100_000);
        assertEquals("f.json:1: nested deeper than 200 levels", error(brackets, LayerSpec.class));
        String layers = "[".repeat(200) + "]".repeat(200);
        assertTrue(json.parse(layers, "f.json", LayerSpec.class) instanceof Sequential);
    }

    @Test
    void longStringsAreCutInMessages() {
        String name = "x".repeat(1 << 20);
        assertEquals(
                "f.json:1: $.epochs: expected a whole number, got the string \""
                        + "x".repeat(120)
                        + "\"... of 1048576",
                error("{\"data\": \"d\", \"epochs\": \"" + name + "\"}", Recipe.class));
        assertEquals(
                name, json.parse("{\"data\": \"" + name + "\"}", "f.json", Recipe.class).data());
        assertTrue(error("{\"policy\": \"" + name + "\"}", Everything.class).length() < 1100);
        assertEquals("f.json:1: larger than 4 MiB", error(name.repeat(5), Recipe.class));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void mutatedDocumentsGiveAModelOrASpecException(long seed) {
        Random random = new Random(seed);
        String alphabet = "{}[]\",:0123456789.-+eEtrufalsn \\\n\u0000\u00e9\ud800/";
        int read = 0;
        for (int i = 0; i < 500; i++) {
            StringBuilder text = new StringBuilder(MODEL);
            for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
                int at = random.nextInt(text.length());
                int end = Math.min(text.length(), at + random.nextInt(4));
                char letter = alphabet.charAt(random.nextInt(alphabet.length()));
                text.replace(at, end, random.nextBoolean() ? "" : String.valueOf(letter));
            }
            try {
                json.parse(text.toString(), "f.json", ModelSpec.class);
                read++;
            } catch (SpecException e) {
                String message = String.valueOf(e.getMessage());
                assertTrue(message.matches("f\\.json:\\d+: .+"), () -> "seed " + seed + message);
            }
        }
        assertTrue(read > 0 && read < 500, "read " + read + " with seed " + seed);
    }

    @Test
    void readsFiles(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("model.json");
        Files.writeString(file, "\uFEFF" + MODEL);
        assertEquals("my-net", json.readModel(file).name());

        Files.writeString(file, "{\n\"format\": 1}");
        assertEquals(file + ":2: $.format: expected a string, got 1", fileError(file));
        Files.write(file, new byte[] {'{', '\n', '"', (byte) 0xc3, '"', '}'});
        assertEquals(
                file + ":2: malformed JSON at column 2: text must be valid UTF-8", fileError(file));
        Files.write(file, new byte[(4 << 20) + 1]);
        assertEquals(file + ":1: larger than 4 MiB", fileError(file));
        Files.write(file, new byte[0]);
        assertEquals(file + ":1: expected a JSON value, got an empty document", fileError(file));
        assertEquals(folder + ": expected a file, got a directory", fileError(folder));
        Path missing = folder.resolve("missing.json");
        assertEquals(missing + ": no such file", fileError(missing));
    }

    private String fileError(Path file) {
        return String.valueOf(
                assertThrows(SpecException.class, () -> json.readModel(file)).getMessage());
    }

    @TypeName("conv2d")
    record Impostor(String name) implements LayerSpec {
        @Override
        public Layer newBlock(Shape input) {
            throw new UnsupportedOperationException();
        }
    }

    record Nameless(String name) implements LayerSpec {
        @Override
        public Layer newBlock(Shape input) {
            throw new UnsupportedOperationException();
        }
    }

    @TypeName("floating")
    record Floating(String name, float value) implements LayerSpec {
        @Override
        public Layer newBlock(Shape input) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void refusesLayersThatItCannotRead() {
        String own = SpecJsonErrorsTest.class.getName();
        assertEquals(
                own + "$Nameless must be a record with @TypeName to stand for LayerSpec in JSON",
                registryError(Nameless.class));
        assertEquals(
                "type \"conv2d\" must name one record, got io.residuum.spec.layers.Conv2d and "
                        + own
                        + "$Impostor",
                registryError(Impostor.class));
        assertTrue(registryError(Floating.class).startsWith("float has no form in JSON"));
    }

    private static String registryError(Class<? extends Record> layer) {
        List<Class<? extends Record>> layers = Fixtures.layers();
        layers.add(layer);
        return String.valueOf(
                assertThrows(SpecException.class, () -> new SpecJson(layers)).getMessage());
    }

    @Test
    void standardLanguageHasTheCoreLayers() {
        SpecJson standard = SpecJson.standard();
        assertEquals(
                new CoreLayers().records().get(0),
                standard.parse("[]", "f.json", LayerSpec.class).getClass());
        assertEquals(new Rate.Fixed(0.5), standard.parse("0.5", "f.json", Rate.class));
    }

    @Test
    void aLayerThatDoesNotFitIsPlaced(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("net.json");
        Files.writeString(
                file,
                """
                {"format": "residuum/1", "name": "x", "input": {"type": "image", "shape": [3, 8, 8]},
                 "network": [
                  {"type": "conv2d", "filters": 4, "kernel": 3},
                  {"type": "residual", "branch": [
                    {"type": "conv2d", "filters": 4, "kernel": 9}]}]}
                """);
        SpecException e =
                assertThrows(SpecException.class, () -> SpecJson.standard().readModel(file));
        assertEquals(
                file
                        + ":5: $.network[1].branch[0]: a window of 9 does not fit into 6 positions"
                        + " with padding 0: use a larger input, a smaller kernel or more padding",
                e.getMessage());
    }
}
