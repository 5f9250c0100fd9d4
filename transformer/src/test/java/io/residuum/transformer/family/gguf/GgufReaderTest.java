package io.residuum.transformer.family.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.emit.Quantization;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.json.Json;
import io.residuum.json.JsonReader;
import io.residuum.model.ModelMetadata;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.SpecException;
import io.residuum.testing.Engines;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Tokenizers;
import io.residuum.weights.Safetensors;
import io.residuum.weights.StateDict;
import io.residuum.weights.WeightsException;
import io.residuum.weights.quantized.QuantizedFormat;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Small GGUF files with the logits of transformers, written by {@code docs/parity/gguf_files.py}.
 */
class GgufReaderTest {
    private static final double TOLERANCE = 1e-4;

    private static final List<String> CASES =
            List.of(
                    "llama", "llama3", "qwen2", "qwen3", "gemma", "gemma2", "gemma3", "phi3",
                    "gpt2");

    @TempDir private Path folder;

    static Stream<Arguments> cases() {
        return Engines.with(CASES);
    }

    private static Path file(String name) {
        try {
            return Path.of(
                    Objects.requireNonNull(
                                    GgufReaderTest.class.getResource(
                                            "/io/residuum/transformer/gguf/" + name))
                            .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void sameLogitsAsTransformers(EngineChoice engine, String name) {
        ModelSource model = ModelSource.of(file(name + ".gguf"));
        boolean hasTokenizer = Files.exists(file("llama.gguf").resolveSibling(name + "-ids.json"));
        assertEquals(hasTokenizer ? 0 : 1, model.warnings().size(), model.warnings().toString());
        try (Network network = model.open(Engines.backend(engine));
                Safetensors golden = Safetensors.open(file(name + ".safetensors"));
                NDManager manager = Engines.backend(engine).newManager()) {
            Shape shape = new Shape(golden.info("input").dimensions());
            NDArray input = Values.create(manager, golden.longs("input"), shape);
            float[] logits = Values.floats(network.predict(new NDList(input)));
            requireNear(golden.floats("logits"), logits);

            // A saved model keeps the integers, and gives the same weights back.
            Path saved = folder.resolve(name + ".safetensors");
            network.save(saved);
            Quantization quantization = network.metadata().quantization();
            try (Network again = Network.load(saved, Engines.backend(engine));
                    Safetensors file = Safetensors.open(saved)) {
                assertEquals(quantization, again.metadata().quantization());
                network.state()
                        .forEach(
                                (path, p) ->
                                        assertArrayEquals(
                                                Values.floats(p.getArray()),
                                                Values.floats(
                                                        Objects.requireNonNull(
                                                                        again.state().get(path))
                                                                .getArray()),
                                                path));
                long integers = file.names().stream().filter(n -> n.endsWith(".scale")).count();
                assertEquals(quantization.layers().size(), integers);
            }
        }
    }

    private static void requireNear(float[] expected, float[] found) {
        assertEquals(expected.length, found.length);
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < found.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs(expected[i] - found[i]));
        }
        double share = difference / largest;
        assertTrue(share < TOLERANCE, () -> "the largest difference is " + share);
    }

    /** The linear layers that stay integers; embeddings and tied heads do not. */
    @Test
    void linearLayersStayQuantized() {
        Map<String, Integer> layers =
                Map.of("llama", 2 * 7 + 1, "qwen2", 2 * 7 + 1, "gemma3", 7 * 7, "gpt2", 2 * 4);
        layers.forEach(
                (name, count) -> {
                    ModelMetadata metadata = ModelSource.of(file(name + ".gguf")).metadata();
                    Quantization found = metadata.quantization();
                    boolean four = name.equals("qwen2") || name.equals("gemma3");
                    assertEquals(new QuantizedFormat(four ? 4 : 8, 32), found.format(), name);
                    assertEquals(count, found.layers().size(), name);
                });
        assertEquals(
                Quantization.NONE, ModelSource.of(file("llama3.gguf")).metadata().quantization());
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama3", "qwen2", "qwen3", "gpt2"})
    void tokenizersGiveTheTokensOfTheirLibraries(String name) throws IOException {
        Json cases = JsonReader.read(file(name + "-ids.json"));
        try (Tokenizer tokenizer =
                        Tokenizers.of(ModelSource.of(file(name + ".gguf"))).orElseThrow();
                Tokenizer opened = Tokenizers.open(file(name + ".gguf"))) {
            for (Json one : cases.items()) {
                String text = one.get("text").string("");
                int[] expected =
                        one.get("ids").items().stream().mapToInt(id -> id.integer(-1)).toArray();
                int[] found = tokenizer.encodeForModel(text);
                assertEquals(Arrays.toString(expected), Arrays.toString(found), text);
                assertEquals(opened.json(), tokenizer.json());
                if (!text.contains("<|")) {
                    assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
                }
            }
            int begin = 1;
            assertEquals(begin, tokenizer.special().beginning().orElse(-1));
        }
    }

    @Test
    void metadataHoldChatTemplateAndEnd() {
        ModelMetadata metadata = ModelSource.of(file("llama3.gguf")).metadata();
        assertEquals(
                "{\"eos_token_id\":[0],\"bos_token_id\":1}",
                metadata.entry(ModelMetadata.GENERATION).orElseThrow());
        Json chat = JsonReader.parse(metadata.entry(ModelMetadata.CHAT).orElseThrow(), "chat");
        assertTrue(chat.get("template").string("").startsWith("{{ bos_token }}"));
        assertEquals("<|begin|>", chat.get("tokens").get("bos_token").string(""));
        assertEquals("llama3", metadata.entry("general.name").orElseThrow());
    }

    /** Without its architecture, a file's order of rotary positions would be a guess. */
    @Test
    void namesOfAnotherArchitectureAreRefused() throws IOException {
        Path changed = patched("llama.gguf", "llama", "mamba");
        Exception e = assertThrows(SpecException.class, () -> ModelSource.of(changed));
        assertEquals(
                changed
                        + ": $[\"general.architecture\"]: must be one of gemma, gemma2, gemma3,"
                        + " gpt2, llama, phi3, qwen2, qwen3, got \"mamba\"",
                e.getMessage());
        ModelSource own = ModelSource.of(file("llama.gguf")).withWeights(changed);
        try (StateDict tensors = own.openWeights()) {
            ModelSource named = own.withDialect("gguf");
            Exception wrong =
                    assertThrows(
                            WeightsException.class,
                            () -> named.plan(own.spec().newBlock(), tensors));
            assertTrue(
                    String.valueOf(wrong.getMessage())
                            .endsWith(
                                    "the dialect gguf is for GGUF files with general.architecture"
                                            + " [llama, qwen2, qwen3, gemma, gemma2, gemma3, phi3,"
                                            + " gpt2], found \"mamba\""),
                    wrong.getMessage());
        }
    }

    /** Returns a copy in which the first occurrence of a text is another of the same length. */
    private Path patched(String name, String from, String to) throws IOException {
        byte[] bytes = Files.readAllBytes(file(name));
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int at = text.indexOf(from);
        byte[] replacement = to.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(replacement, 0, bytes, at, replacement.length);
        return Files.write(folder.resolve("patched.gguf"), bytes);
    }

    @Test
    void aTokenizerOfAnotherKindIsAWarning() throws IOException {
        Path changed = patched("qwen2.gguf", "qwen2\n".trim(), "qwen2");
        byte[] bytes = Files.readAllBytes(changed);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int at = text.indexOf("tokenizer.ggml.model") + "tokenizer.ggml.model".length();
        ByteBuffer value = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(8, value.getInt(at), "a string");
        byte[] kind = "gptX".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(kind, 0, bytes, at + Integer.BYTES + Long.BYTES, kind.length);
        Files.write(changed, bytes);
        ModelSource model = ModelSource.of(changed);
        assertEquals(
                List.of(
                        changed
                                + ": the metadata key tokenizer.ggml.model must be gpt2 or llama,"
                                + " found \"gptX\"; give another tokenizer with --tokenizer"),
                model.warnings());
        assertTrue(Tokenizers.of(model).isEmpty());
    }
}
