package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.residuum.engine.Backend;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.transformer.predict.Embeddings;
import io.residuum.transformer.predict.TextEmbedder;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbedCommandTest {
    private static final Tokenizer LETTERS = CharTokenizer.of("abcdefghijklm ");
    private static final List<String> TEXTS = List.of("a cab", "bad egg", "a hijacked cable");

    @TempDir private Path folder;

    private String model;
    private Embeddings expected;

    private String saved(String head) {
        String json =
                """
                {"format": "residuum/1", "name": "tiny",
                 "input": {"type": "tokens", "length": 12, "vocabulary": %1$d},
                 "network": {"type": "bert", "vocabulary": %1$d, "width": 16, "depth": 1,
                   "heads": 2, "head": %2$s}}
                """
                        .formatted(LETTERS.vocabulary(), head);
        Path file = folder.resolve(head.length() + ".safetensors");
        Backend backend = Engines.backend(Engines.all().get(0));
        ModelSpec spec = SpecJson.standard().parse(json, "tiny", ModelSpec.class);
        try (Network network = Network.create(spec, backend, 4)) {
            network.setMetadata(network.metadata().with(Tokenizer.METADATA, LETTERS.json()));
            network.save(file);
        }
        return file.toString();
    }

    @BeforeEach
    void save() {
        model = saved("{\"type\": \"embedding\"}");
        Backend backend = Engines.backend(Engines.all().get(0));
        try (TextEmbedder embedder = TextEmbedder.open(model, backend)) {
            expected = embedder.embed(TEXTS);
        }
    }

    private Cli embed(String... more) throws IOException {
        Path file = folder.resolve("texts.txt");
        Files.writeString(file, "\uFEFF" + String.join("\n\n", TEXTS));
        String[] args = {"embed", model, "--file", file.toString()};
        String[] all = Arrays.copyOf(args, args.length + more.length);
        System.arraycopy(more, 0, all, args.length, more.length);
        return Cli.ok(all);
    }

    @Test
    void vectorsAreWrittenInEveryFormat() throws IOException {
        Path tensors = folder.resolve("x.safetensors");
        Cli cli = embed("--output", tensors.toString());
        assertTrue(cli.err().contains("1 of 3 texts have more tokens"), cli.err());
        try (Safetensors file = Safetensors.open(tensors)) {
            assertArrayEquals(expected.values(), file.floats("embeddings"), 1e-5f);
        }
        Path table = folder.resolve("x.csv");
        embed("--output", table.toString());
        List<String> lines = Files.readAllLines(table);
        assertTrue(lines.get(0).startsWith("text,0,1,2,"), lines.get(0));
        String[] row = lines.get(3).split(",");
        assertEquals(TEXTS.get(2), row[0]);
        assertEquals(expected.get(2)[15], Float.parseFloat(row[16]), 1e-5f);
        assertEquals(lines, embed().out().lines().toList());
        JsonNode json = embed("--json").json();
        assertEquals(TEXTS.get(1), json.get(1).get("text").asText());
        assertEquals(expected.get(1)[3], json.get(1).get("embedding").get(3).asDouble(), 1e-5);
    }

    @Test
    void theTextsNearestToAQueryArePrinted() throws IOException {
        JsonNode found = embed("--query", TEXTS.get(1), "--top", "2", "--json").json();
        assertEquals(2, found.size());
        assertEquals(1, found.get(0).get("index").asInt());
        assertEquals(1, found.get(0).get("cosine").asDouble(), 1e-5);
        Cli cut = embed("--query", TEXTS.get(2));
        assertTrue(cut.err().contains("1 of 1 texts have more tokens"), cut.err());
        String lines = embed("--query", TEXTS.get(1)).out();
        assertTrue(lines.startsWith("1.0000  bad egg\n"), lines);
    }

    @Test
    void aModelWithAnotherHeadNeedsAPooling() {
        model = saved("\"maskedLm\"");
        Cli without = Cli.run("embed", model, "--text", "a cab");
        assertEquals(Residuum.EXIT_USAGE, without.code());
        assertTrue(without.err().contains("--pooling mean"), without.err());
        Cli.ok("embed", model, "--text", "a cab", "--pooling", "weighted_mean");
        Cli alone = Cli.run("embed", model, "--text", "a cab", "--no-normalize");
        assertEquals(Residuum.EXIT_USAGE, alone.code());
    }
}
