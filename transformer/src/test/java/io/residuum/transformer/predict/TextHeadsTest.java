package io.residuum.transformer.predict;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.data.DataException;
import io.residuum.engine.EngineChoice;
import io.residuum.json.Json;
import io.residuum.json.JsonReader;
import io.residuum.model.ClassActivation;
import io.residuum.model.ClassProbability;
import io.residuum.model.Classification;
import io.residuum.spec.SpecException;
import io.residuum.testing.Engines;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Tokenizers;
import io.residuum.transformer.text.encode.Encoding;
import io.residuum.transformer.text.encode.InputEncoder;
import io.residuum.transformer.text.encode.ModelInput;
import io.residuum.transformer.text.encode.Truncation;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Compares heads and tokenizers with transformers and its tokenizers; {@code heads/make.py} writes
 * the models and what they computed.
 */
class TextHeadsTest {
    private static final Map<String, String> TOKENIZERS =
            Map.of(
                    "wordpiece", "tags/tokenizer.json",
                    "bpe", "bpe.json",
                    "unigram", "unigram.json");

    private static Path file(String name) {
        try {
            return Path.of(
                    Objects.requireNonNull(TextHeadsTest.class.getResource("heads/" + name))
                            .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static Json expected(String head) {
        return JsonReader.read(file("heads.json")).get(head);
    }

    private static TextModel open(String name, EngineChoice engine) {
        return TextModel.open(file(name).toString(), Engines.backend(engine));
    }

    static Stream<Arguments> engines() {
        return Engines.with(List.of(""));
    }

    private static List<Json> rows(String part, String kind) {
        List<Json> rows =
                JsonReader.read(file("encodings.json")).get(part).items().stream()
                        .filter(row -> row.get("kind").string("").equals(kind))
                        .toList();
        assertTrue(!rows.isEmpty(), kind);
        return rows;
    }

    private static double number(Json number) {
        return Double.parseDouble(number.compact());
    }

    private static int[] ints(Json numbers) {
        return numbers.items().stream().mapToInt(n -> n.integer(Integer.MIN_VALUE)).toArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"wordpiece", "bpe", "unigram"})
    void tokensHaveTheOffsetsOfTheLibrary(String kind) {
        try (Tokenizer tokenizer = Tokenizers.open(file(TOKENIZERS.get(kind)))) {
            for (Json row : rows("tokens", kind)) {
                String text = row.get("text").string("");
                Encoding found = tokenizer.tokens(text);
                assertEquals(row.get("tokens").strings().orElseThrow(), found.tokens(), text);
                assertArrayEquals(ints(row.get("ids")), found.ids(), text);
                assertArrayEquals(ints(row.get("starts")), found.starts(), text);
                assertArrayEquals(ints(row.get("ends")), found.ends(), text);
                assertArrayEquals(ints(row.get("words")), found.words(), text);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"wordpiece", "bpe", "unigram"})
    void pairsAreJoinedAndCutAsByTheLibrary(String kind) {
        try (Tokenizer tokenizer = Tokenizers.open(file(TOKENIZERS.get(kind)))) {
            for (Json row : rows("pairs", kind)) {
                InputEncoder encoder =
                        new InputEncoder(
                                tokenizer::template,
                                row.get("length").integer(0),
                                Truncation.valueOf(
                                        row.get("strategy").string("").toUpperCase(Locale.ROOT)),
                                Truncation.Side.valueOf(
                                        row.get("side").string("").toUpperCase(Locale.ROOT)));
                ModelInput found =
                        encoder.encode(
                                tokenizer.tokens(row.get("first").string("")),
                                tokenizer.tokens(row.get("second").string("")));
                assertArrayEquals(ints(row.get("ids")), found.ids(), row.compact());
                assertArrayEquals(ints(row.get("segments")), found.segments(), row.compact());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"wordpiece", "bpe", "unigram"})
    void windowsOverlapAsInTheLibrary(String kind) {
        try (Tokenizer tokenizer = Tokenizers.open(file(TOKENIZERS.get(kind)))) {
            String first = rows("tokens", kind).get(1).get("text").string("");
            String second = rows("tokens", kind).get(4).get("text").string("");
            InputEncoder encoder = new InputEncoder(tokenizer::template, 24);
            List<ModelInput> found =
                    encoder.windows(
                            5, tokenizer.tokens(first), tokenizer.tokens(second + " " + second));
            List<int[]> wanted =
                    rows("windows", kind).get(0).get("ids").items().stream()
                            .map(TextHeadsTest::ints)
                            .toList();
            assertEquals(
                    wanted.stream().map(Arrays::toString).toList(),
                    found.stream().map(w -> Arrays.toString(w.ids())).toList());
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void tagsAreJoinedAsByTransformers(EngineChoice engine, String none) {
        try (TextModel model = open("tags", engine)) {
            TextTagger tagger = new TextTagger(model);
            for (Json row : expected("tags").items()) {
                String text = row.get("text").string("");
                String how = row.get("aggregation").string("");
                List<Entity> found =
                        tagger.tag(text, Aggregation.valueOf(how.toUpperCase(Locale.ROOT)));
                List<Json> wanted = row.get("entities").items();
                assertEquals(wanted.size(), found.size(), how + " " + text);
                for (int i = 0; i < wanted.size(); i++) {
                    Json entity = wanted.get(i);
                    String key = how.equals("none") ? "entity" : "entity_group";
                    assertEquals(entity.get(key).string(""), found.get(i).label());
                    assertEquals(entity.get("word").string(""), found.get(i).word(), how);
                    assertEquals(utf16(text, entity.get("start")), found.get(i).start());
                    assertEquals(utf16(text, entity.get("end")), found.get(i).end());
                    assertEquals(number(entity.get("score")), found.get(i).score(), 1e-5);
                }
            }
        }
    }

    private static int utf16(String text, Json codePoints) {
        return text.offsetByCodePoints(0, codePoints.integer(-1));
    }

    @ParameterizedTest
    @MethodSource("engines")
    void longTextsAreTaggedInWindows(EngineChoice engine, String none) {
        try (TextModel model = open("tags", engine)) {
            String sentence = "Ada wrote programs in London. ";
            List<Entity> found = new TextTagger(model).tag(sentence.repeat(12), Aggregation.NONE);
            int last = found.get(found.size() - 1).end();
            assertTrue(last > sentence.length() * 11, "the last sentence is tagged, " + last);
            List<Integer> starts = found.stream().map(Entity::start).toList();
            assertEquals(starts.stream().distinct().sorted().toList(), starts, "no token twice");
            List<List<Entity>> both =
                    new TextTagger(model.withBatch(3))
                            .tag(List.of("", sentence.repeat(12)), Aggregation.NONE);
            assertEquals(List.of(), both.get(0));
            assertEquals(starts, both.get(1).stream().map(Entity::start).toList());
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void answersHaveOffsetsAndScores(EngineChoice engine, String none) {
        Json wanted = expected("spans");
        String context = wanted.get("context").string("");
        try (TextModel model = open("spans", engine)) {
            Answer found =
                    new QuestionAnswerer(model).answer(wanted.get("question").string(""), context);
            assertEquals(number(wanted.get("score")), found.score(), 1e-5);
            assertEquals(wanted.get("start").integer(-1), found.start());
            assertEquals(wanted.get("end").integer(-1), found.end());
            assertEquals(context.substring(found.start(), found.end()), found.answer());
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void masksAreFilledAsByTransformers(EngineChoice engine, String none) {
        Json wanted = expected("masked");
        List<Json> fills =
                wanted.get("fills").items().stream().flatMap(m -> m.items().stream()).toList();
        try (TextModel model = open("masked", engine)) {
            MaskFiller filler = new MaskFiller(model);
            List<MaskFill> found = filler.fill(wanted.get("text").string(""), 3);
            assertEquals(
                    fills.stream().map(f -> f.get("token").integer(-1)).toList(),
                    found.stream().map(MaskFill::token).toList());
            for (int i = 0; i < found.size(); i++) {
                assertEquals(number(fills.get(i).get("score")), found.get(i).score(), 1e-5);
                String written = fills.get(i).get("token_str").string("");
                // We write special tokens as no text.
                assertEquals(written.startsWith("[") ? "" : written, found.get(i).text());
                String sequence = fills.get(i).get("sequence").string("");
                if (!written.startsWith("[")) {
                    assertEquals(
                            sequence.replace("[CLS] ", "").replace(" [SEP]", ""),
                            found.get(i).sequence());
                }
            }
            assertEquals(
                    List.of("?[MASK] the [MASK]", "[MASK]? the [MASK]", "[MASK][MASK] the ?"),
                    filler.fill("[MASK][MASK] the [MASK]", 1).stream()
                            .map(fill -> fill.sequence().replace(fill.text(), "?"))
                            .toList());
            assertThrows(DataException.class, () -> filler.fill("no mask", 1));
            assertThrows(SpecException.class, () -> new TextTagger(model));
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void pairsHaveTheScoresOfTransformers(EngineChoice engine, String none) {
        Map<String, ClassActivation> heads =
                Map.of(
                        "pairs", ClassActivation.SOFTMAX,
                        "labels", ClassActivation.SIGMOID,
                        "number", ClassActivation.IDENTITY);
        heads.forEach(
                (name, activation) -> {
                    Json wanted = expected(name);
                    TextPair pair =
                            new TextPair(
                                    wanted.get("text").string(""),
                                    wanted.get("text_pair").string(""));
                    try (TextClassifier classifier =
                            TextClassifier.open(file(name).toString(), Engines.backend(engine))) {
                        assertEquals(activation, classifier.activation());
                        Classification found =
                                classifier.classifyPairs(List.of(pair, pair), 2).get(1);
                        List<Json> scores = wanted.get("scores").items();
                        for (int i = 0; i < scores.size(); i++) {
                            ClassProbability one = found.classes().get(i);
                            assertEquals(scores.get(i).get("label").string(""), one.name());
                            assertEquals(
                                    number(scores.get(i).get("score")), one.probability(), 1e-5);
                        }
                    }
                });
    }

    @ParameterizedTest
    @MethodSource("engines")
    void passagesAreSortedByTheScoresOfPairs(EngineChoice engine, String none) {
        List<String> passages = List.of("the engine networks!", "Ada wrote.", "late trains");
        try (TextModel model = open("number", engine);
                TextClassifier classifier = TextClassifier.of(model.network(), model.tokenizer())) {
            List<Reranker.Ranked> found = new Reranker(model).rank("Who built?", passages);
            for (Reranker.Ranked one : found) {
                TextPair pair = new TextPair("Who built?", passages.get(one.index()));
                double alone =
                        classifier.classifyPairs(List.of(pair), 1).get(0).best().probability();
                assertEquals(alone, one.score(), 1e-5);
            }
            assertTrue(found.get(0).score() >= found.get(1).score());
            assertTrue(found.get(1).score() >= found.get(2).score());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'\"sentence_transformers\": {\"activation_fn\": \"torch.nn.Sigmoid\"}', true",
        "'\"sbert_ce_default_activation_function\": \"torch.nn.Sigmoid\"', true",
        "'\"sentence_transformers\": {\"activation_fn\": \"torch.nn.Identity\"}', false",
    })
    void aCrossEncoderNamesItsActivation(String entry, boolean sigmoid, @TempDir Path folder)
            throws IOException {
        for (String name : List.of("model.safetensors", "tokenizer.json")) {
            Files.copy(file("number/" + name), folder.resolve(name));
        }
        String config = Files.readString(file("number/config.json"));
        Files.writeString(
                folder.resolve("config.json"), config.replaceFirst("\\{", "{" + entry + ","));
        EngineChoice engine = Engines.all().get(0);
        List<String> passages = List.of("the engine networks!", "Ada wrote.");
        try (TextModel plain = open("number", engine);
                TextModel model = TextModel.open(folder.toString(), Engines.backend(engine))) {
            List<Double> numbers = new Reranker(plain).scores("Who built?", passages);
            List<Double> scores = new Reranker(model).scores("Who built?", passages);
            for (int i = 0; i < scores.size(); i++) {
                double x = numbers.get(i);
                assertEquals(sigmoid ? 1 / (1 + Math.exp(-x)) : x, scores.get(i), 1e-5);
            }
        }
    }

    @Test
    void theTemplateNeedsNoUnknownToken(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("tokenizer.json");
        String json =
                """
                {"version": "1.0", "added_tokens": [], "normalizer": null,
                 "pre_tokenizer": null, "decoder": null,
                 "post_processor": {"type": "TemplateProcessing",
                   "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
                              {"Sequence": {"id": "A", "type_id": 0}}],
                   "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
                            {"Sequence": {"id": "A", "type_id": 0}},
                            {"Sequence": {"id": "B", "type_id": 1}}],
                   "special_tokens": {
                     "[CLS]": {"id": "[CLS]", "ids": [0], "tokens": ["[CLS]"]}}},
                 "model": {"type": "BPE", "vocab": {"[CLS]": 0, "%1$s": 1, "%2$s": 2},
                   "merges": []}}
                """;
        Files.writeString(file, json.formatted("A", "C"));
        try (Tokenizer tokenizer = Tokenizers.open(file)) {
            ModelInput pair =
                    new InputEncoder(tokenizer::template, 8)
                            .encode(tokenizer.tokens("AC"), tokenizer.tokens("C"));
            assertArrayEquals(new int[] {0, 1, 2, 2}, pair.ids());
            assertArrayEquals(new int[] {0, 0, 0, 1}, pair.segments());
        }
        Files.writeString(file, json.formatted("C", "G"));
        try (Tokenizer tokenizer = Tokenizers.open(file)) {
            assertArrayEquals(new int[] {0, 1}, tokenizer.encodeForModel("C"));
            assertThrows(DataException.class, () -> tokenizer.template(1));
        }
    }

    @Test
    void textsWithoutTokensAreRefused() {
        Tokenizer letters = CharTokenizer.of("ab");
        InputEncoder encoder = new InputEncoder(letters::template, 4);
        Encoding empty = letters.tokens("");
        DataException e = assertThrows(DataException.class, () -> encoder.encode(empty, empty));
        assertTrue(e.getMessage().contains("at least one token"), e.getMessage());
    }

    @Test
    void aQuestionThatFillsTheWindowIsRefused() {
        try (Tokenizer tokenizer = Tokenizers.open(file("bpe.json"))) {
            InputEncoder encoder = new InputEncoder(tokenizer::template, 8);
            Encoding question = tokenizer.tokens("Where did Charles Babbage build the engine?");
            DataException e =
                    assertThrows(DataException.class, () -> encoder.windows(2, question, question));
            assertTrue(e.getMessage().contains("8 tokens of the model"), e.getMessage());
        }
    }
}
