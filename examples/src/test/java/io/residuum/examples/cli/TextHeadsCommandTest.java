package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.residuum.engine.Backend;
import io.residuum.model.ClassProbability;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.transformer.predict.Answer;
import io.residuum.transformer.predict.MaskFill;
import io.residuum.transformer.predict.MaskFiller;
import io.residuum.transformer.predict.QuestionAnswerer;
import io.residuum.transformer.predict.Reranker;
import io.residuum.transformer.predict.TextClassifier;
import io.residuum.transformer.predict.TextModel;
import io.residuum.transformer.predict.TextPair;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.Tokenizer;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@code predict} with each head of a text model. */
class TextHeadsCommandTest {
    private static final Tokenizer LETTERS = CharTokenizer.of("abcdefghijklmnopqrstuvwxyz ");

    @TempDir private Path folder;

    private static final String WORDS =
            """
            {"version": "1.0", "normalizer": null, "pre_tokenizer": {"type": "Whitespace"},
             "post_processor": null, "decoder": null,
             "added_tokens": [{"id": 1, "content": "[MASK]", "single_word": false,
               "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
             "model": {"type": "WordLevel", "unk_token": "[UNK]",
               "vocab": {"[UNK]": 0, "[MASK]": 1, "red": 2, "green": 3, "blue": 4}}}
            """;

    private String saved(String head) {
        return saved(head, LETTERS.json());
    }

    private String saved(String head, String tokenizer) {
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
            network.setMetadata(network.metadata().with(Tokenizer.METADATA, tokenizer));
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
    void masksAreFilled() {
        String model = saved("{\"type\": \"maskedLm\"}", WORDS);
        JsonNode rows =
                Cli.ok(
                                "predict",
                                model,
                                "--text",
                                "red [MASK] [MASK]",
                                "--text",
                                "[MASK]",
                                "--top",
                                "2",
                                "--batch",
                                "2",
                                "--json")
                        .json();
        assertEquals(6, rows.size(), "2 tokens for each of 3 masks");
        try (TextModel text = TextModel.open(model, backend())) {
            List<MaskFill> wanted = new MaskFiller(text).fill("red [MASK] [MASK]", 2);
            for (int i = 0; i < wanted.size(); i++) {
                assertEquals(wanted.get(i).mask(), rows.get(i).get("mask").asInt());
                assertEquals(wanted.get(i).token(), rows.get(i).get("token").asInt());
                assertEquals(wanted.get(i).score(), rows.get(i).get("score").asDouble(), 1e-5);
            }
        }
        Cli none = Cli.run("predict", model, "--text", "red");
        assertEquals(1, none.code());
        assertTrue(none.err().contains("must hold a mask"), none.err());
    }

    @Test
    void pairsAreThoseOfJava() {
        String model = saved("{\"type\": \"classes\", \"count\": 3}");
        String long1 = "a first text that is long";
        JsonNode rows =
                Cli.ok(
                                "predict",
                                model,
                                "--text",
                                long1,
                                "--text-pair",
                                "b",
                                "--text",
                                "c",
                                "--text-pair",
                                "d",
                                "--top",
                                "3",
                                "--json")
                        .json();
        assertEquals(6, rows.size());
        try (TextClassifier classifier = TextClassifier.open(model, backend())) {
            List<TextPair> pairs = List.of(new TextPair(long1, "b"), new TextPair("c", "d"));
            for (int i = 0; i < 2; i++) {
                ClassProbability best =
                        classifier.classifyPairs(pairs.subList(i, i + 1), 1).get(0).best();
                JsonNode row = rows.get(3 * i);
                assertEquals(pairs.get(i).second(), row.get("textPair").asText());
                assertEquals(best.index(), row.get("index").asInt());
                assertEquals(best.probability(), row.get("probability").asDouble(), 1e-5);
            }
        }
    }

    @Test
    void linesOfStandardInputNeedAPairEach() {
        String model = saved("{\"type\": \"classes\", \"count\": 3}");
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream("a\nb\n".getBytes(StandardCharsets.UTF_8)));
            Cli wrong = Cli.run("predict", model, "--text", "-", "--text-pair", "c");
            assertEquals(2, wrong.code(), wrong.err());
            assertTrue(wrong.err().contains("2 texts, got 1"), wrong.err());
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void optionsThatTheHeadDoesNotReadAreUsageErrors() {
        String tags = saved("{\"type\": \"tokenClasses\", \"count\": 2}");
        String masks = saved("{\"type\": \"maskedLm\"}", WORDS);
        String classes = saved("{\"type\": \"classes\", \"count\": 3}");
        for (List<String> wrong :
                List.of(
                        List.of(tags, "--text", "a", "--top", "2"),
                        List.of(tags, "--text", "a", "--query", "b"),
                        List.of(tags, "--text", "a", "--text-pair", "b"),
                        List.of(masks, "--text", "red [MASK]", "--aggregation", "none"),
                        List.of(masks, "--text", "red [MASK]", "--query", "red"),
                        List.of(classes, "--text", "a", "--aggregation", "none"),
                        List.of(classes, "--question", "a", "--context", "b"))) {
            List<String> all = new ArrayList<>(List.of("predict"));
            all.addAll(wrong);
            Cli cli = Cli.run(all.toArray(String[]::new));
            assertEquals(2, cli.code(), wrong + cli.err());
            String option = wrong.get(wrong.size() == 5 && wrong.get(1).equals("--text") ? 3 : 1);
            assertTrue(cli.err().contains(option), cli.err());
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
