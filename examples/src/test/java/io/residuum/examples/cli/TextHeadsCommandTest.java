package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.residuum.engine.Backend;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.transformer.predict.Answer;
import io.residuum.transformer.predict.QuestionAnswerer;
import io.residuum.transformer.predict.Reranker;
import io.residuum.transformer.predict.TextModel;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@code predict} with each head of a text model. */
class TextHeadsCommandTest {
    private static final Tokenizer LETTERS = CharTokenizer.of("abcdefghijklmnopqrstuvwxyz ");

    @TempDir private Path folder;

    private String saved(String head) {
        String json =
                """
                {"format": "residuum/1", "name": "tiny",
                 "input": {"type": "tokens", "length": 24, "vocabulary": %1$d},
                 "network": {"type": "bert", "vocabulary": %1$d, "width": 16, "depth": 1,
                   "heads": 2, "head": %2$s}}
                """
                        .formatted(LETTERS.vocabulary(), head);
        Path file = folder.resolve(head.replaceAll("\\W", "") + ".safetensors");
        ModelSpec spec = SpecJson.standard().parse(json, "tiny", ModelSpec.class);
        try (Network network = Network.create(spec, backend(), 4)) {
            network.setMetadata(network.metadata().with(Tokenizer.METADATA, LETTERS.json()));
            network.save(file);
        }
        return file.toString();
    }

    private static Backend backend() {
        return Engines.backend(Engines.all().get(0));
    }

    @Test
    void tagsHaveOffsets() {
        String model = saved("{\"type\": \"tokenClasses\", \"count\": 2}");
        JsonNode rows =
                Cli.ok("predict", model, "--text", "a bad egg", "--aggregation", "none", "--json")
                        .json();
        assertEquals(9, rows.size(), "no tag is O");
        assertEquals(2, rows.get(2).get("start").asInt());
        assertEquals(3, rows.get(2).get("end").asInt());
        assertEquals("b", rows.get(2).get("word").asText());
    }

    @Test
    void answersAreThoseOfJava() {
        String model = saved("{\"type\": \"spans\"}");
        String context = "a long context that no window of the model can hold";
        JsonNode row =
                Cli.ok("predict", model, "--question", "why", "--context", context, "--json")
                        .json()
                        .get(0);
        try (TextModel text = TextModel.open(model, backend())) {
            Answer wanted = new QuestionAnswerer(text).answer("why", context);
            assertEquals(wanted.answer(), row.get("answer").asText());
            assertEquals(wanted.start(), row.get("start").asInt());
            assertEquals(wanted.score(), row.get("score").asDouble(), 1e-5);
        }
        Cli wrong = Cli.run("predict", model, "--text", context);
        assertEquals(2, wrong.code());
        assertTrue(wrong.err().contains("--question"), wrong.err());
    }

    @Test
    void passagesAreRanked() {
        String model = saved("{\"type\": \"classes\", \"count\": 1}");
        JsonNode rows =
                Cli.ok(
                                "predict", model, "--query", "why", "--text", "because", "--text",
                                "no", "--json")
                        .json();
        try (TextModel text = TextModel.open(model, backend())) {
            Reranker.Ranked best = new Reranker(text).rank("why", List.of("because", "no")).get(0);
            assertEquals(best.index(), rows.get(0).get("index").asInt());
            assertEquals(best.score(), rows.get(0).get("score").asDouble(), 1e-5);
        }
    }

    @Test
    void wrongCombinationsAreUsageErrors() {
        String model = saved("{\"type\": \"spans\"}");
        for (List<String> wrong :
                List.of(
                        List.of("--question", "why"),
                        List.of("--text", "a", "--text-pair", "b", "--text-pair", "c"),
                        List.of("--query", "a"),
                        List.of("--text", "a", "--query", "b", "--text-pair", "c"))) {
            List<String> all = new ArrayList<>(List.of("predict", model));
            all.addAll(wrong);
            assertEquals(2, Cli.run(all.toArray(String[]::new)).code(), wrong.toString());
        }
    }
}
