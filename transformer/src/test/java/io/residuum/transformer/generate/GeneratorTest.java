package io.residuum.transformer.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.data.DataException;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.transformer.generate.Continuation.Reason;
import io.residuum.transformer.text.CharTokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Texts depend on their prompt and settings alone: not on a cache, nor on their neighbours. */
class GeneratorTest {
    private static final Letters LETTERS = new Letters('a', 11);

    /** Twice what the models read at once. */
    private static final int TOKENS = 20;

    private static final List<String> PROMPTS = List.of("abc", "k", "hgfedcba");

    private static final String LEARNED = causal("", "");
    private static final String ROTARY =
            causal("\"position\": {\"type\": \"rotary\"},", "\"positions\": \"none\",");
    private static final String TRANSLATOR =
            model(
                    """
                    {"type": "encoderDecoder", "vocabulary": 13, "width": 16, "depth": 2, "heads": 4,
                     "mlpWidth": 24}
                    """);

    private static String causal(String attention, String embedding) {
        return blocks(true, attention, embedding);
    }

    private static String blocks(boolean causal, String attention, String embedding) {
        return model(
                """
                {"type": "sequential", "layers": [
                  {"type": "tokenEmbedding", "name": "embedding", %s "vocabulary": 13, "width": 16},
                  {"type": "transformerBlocks", "name": "blocks", "depth": 2,
                   "attention": {%s "heads": 4, "causal": %s}, "feedForward": {"ratio": 2}},
                  {"type": "linear", "name": "head", "units": 13}]}
                """
                        .formatted(embedding, attention, causal));
    }

    private static String model(String network) {
        return """
        {"format": "residuum/1", "name": "small",
         "input": {"type": "tokens", "length": 9, "vocabulary": 13}, "network": %s}
        """
                .formatted(network);
    }

    private static Network network(String json, EngineChoice engine) {
        ModelSpec spec = SpecJson.standard().parse(json, "a test", ModelSpec.class);
        return Nets.shaken(spec, Engines.backend(engine), DataType.FLOAT32);
    }

    private static Generator.Settings settings(Sampling sampling, boolean cached) {
        return new Generator.Settings(sampling, TOKENS, List.of(), cached);
    }

    /** Also beside longer texts, and where the context is full. */
    @EachEngine
    void halfACacheGivesNearLogits(EngineChoice engine) {
        Generator.Settings settings = settings(Sampling.GREEDY, true).withLogProbs(0);
        for (String model : List.of(LEARNED, ROTARY, TRANSLATOR)) {
            try (Network network = network(model, engine)) {
                Generator whole = new Generator(network, LETTERS);
                Generator half = whole.withCacheType(DataType.FLOAT16);
                double largest = 0;
                List<Continuation> expected =
                        whole.generate(PROMPTS, settings, TextListener.NONE).continuations();
                List<Continuation> found =
                        half.generate(PROMPTS, settings, TextListener.NONE).continuations();
                for (int i = 0; i < PROMPTS.size(); i++) {
                    assertEquals(expected.get(i).tokens(), found.get(i).tokens(), model);
                    for (int token = 0; token < expected.get(i).tokens().size(); token++) {
                        double difference =
                                expected.get(i).logProbs().get(token).chosen()
                                        - found.get(i).logProbs().get(token).chosen();
                        largest = Math.max(largest, Math.abs(difference));
                    }
                }
                double most = largest;
                assertTrue(most > 0 && most < 1e-2, () -> most + " " + model);
                SpecException e =
                        assertThrows(
                                SpecException.class, () -> whole.withCacheType(DataType.BFLOAT16));
                assertTrue(String.valueOf(e.getMessage()).contains("got bfloat16"));
            }
        }
    }

    private static List<Continuation> generate(
            Generator generator, List<String> prompts, Generator.Settings settings) {
        return generator.generate(prompts, settings, TextListener.NONE).continuations();
    }

    @EachEngine
    void textsAreThoseOfEachPromptAlone(EngineChoice engine) {
        for (String model : List.of(LEARNED, ROTARY, TRANSLATOR)) {
            try (Network network = network(model, engine)) {
                Generator generator = new Generator(network, LETTERS);
                assertEquals(model.equals(TRANSLATOR), generator.translates());
                for (Sampling sampling : List.of(Sampling.GREEDY, Sampling.PLAIN.withSeed(5))) {
                    List<Continuation> alone = new ArrayList<>();
                    for (int i = 0; i < PROMPTS.size(); i++) {
                        alone.add(
                                generator.generate(
                                        PROMPTS.get(i),
                                        settings(sampling.withSeed(sampling.seed() + i), false)));
                    }
                    for (boolean cached : new boolean[] {true, false}) {
                        assertEquals(
                                alone,
                                generate(generator, PROMPTS, settings(sampling, cached)),
                                model + sampling + (cached ? " cached" : ""));
                    }
                    assertTrue(
                            alone.stream().anyMatch(c -> c.tokens().size() > 9),
                            "none is longer than the context: " + alone);
                }
            }
        }
    }

    @EachEngine
    void aTextEndsForAReason(EngineChoice engine) {
        try (Network network = network(LEARNED, engine)) {
            Generator generator = new Generator(network, CharTokenizer.of("abcdefghijklm"));
            Generator.Settings settings = settings(Sampling.PLAIN.withSeed(3), true);
            Continuation all = generator.generate("abc", settings);
            assertEquals(Reason.MAX_TOKENS, all.reason());
            assertEquals(TOKENS, all.tokens().size());
            assertEquals(TOKENS, all.text().length());

            String stop = all.text().substring(5, 7);
            int at = all.text().indexOf(stop);
            List<String> heard = new ArrayList<>();
            Continuation stopped =
                    generator
                            .generate(
                                    List.of("abc"),
                                    new Generator.Settings(
                                            settings.sampling(), TOKENS, List.of(stop), true),
                                    (sequence, piece) -> heard.add(piece))
                            .continuations()
                            .get(0);
            assertEquals(Reason.STOP_TEXT, stopped.reason());
            assertEquals(all.text().substring(0, at), stopped.text());
            assertEquals(all.tokens().subList(0, at + 2), stopped.tokens());
            assertEquals(stopped.text(), String.join("", heard));
        }
    }

    @EachEngine
    void theEndTokenEndsItsOwnTextOnly(EngineChoice engine) {
        try (Network network = network(LEARNED, engine)) {
            Generator generator = new Generator(network, LETTERS);
            List<Continuation> texts =
                    generate(
                            generator,
                            List.of("a", "b", "c", "d", "e", "f", "g", "h"),
                            settings(Sampling.PLAIN, true));
            List<Continuation> ended =
                    texts.stream().filter(c -> c.reason() == Reason.END_TOKEN).toList();
            assertTrue(ended.size() > 0 && ended.size() < texts.size(), texts.toString());
            for (Continuation c : ended) {
                List<Integer> ahead = c.tokens().subList(0, c.tokens().size() - 1);
                assertEquals(LETTERS.end(), c.tokens().get(ahead.size()));
                int[] ids = ahead.stream().mapToInt(i -> i).toArray();
                assertEquals(LETTERS.decode(ids), c.text());
            }
        }
    }

    @EachEngine
    void logProbabilitiesAreThoseOfTheModel(EngineChoice engine) {
        try (Network network = network(LEARNED, engine);
                NDManager manager = network.backend().newManager()) {
            Generator generator = new Generator(network, CharTokenizer.of("abcdefghijklm"));
            // The rules choose a token, but do not change its probability.
            Sampling onlyC = Sampling.GREEDY.withTokens(new TokenRules(Map.of(), Set.of(2)));
            Generator.Settings settings = settings(onlyC, true).with(onlyC, 2);
            assertEquals(List.of(), generator.generate("ab", settings).logProbs());
            Continuation text = generator.generate("ab", settings.withLogProbs(3));
            NDArray logits =
                    network.predict(
                            new NDList(manager.create(new long[] {0, 1, 2}, new Shape(1, 3))));
            float[] all = logits.logSoftmax(2).toFloatArray();
            for (int i = 0; i < 2; i++) {
                float[] at = Arrays.copyOfRange(all, (i + 1) * 13, (i + 2) * 13);
                LogProbs found = text.logProbs().get(i);
                assertEquals(at[2], found.chosen(), 1e-4);
                assertEquals(3, found.top().size());
                int best = found.top().keySet().iterator().next();
                for (float other : at) {
                    assertTrue(at[best] >= other);
                }
                found.top().forEach((token, value) -> assertEquals(at[token], value, 1e-4));
            }
        }
    }

    @EachEngine
    void aListenerMayEndAllTexts(EngineChoice engine) {
        try (Network network = network(LEARNED, engine)) {
            Generator generator = new Generator(network, CharTokenizer.of("abcdefghijklm"));
            List<String> heard = new ArrayList<>();
            TextListener listener =
                    new TextListener() {
                        @Override
                        public void text(int sequence, String piece) {
                            heard.add(piece);
                        }

                        @Override
                        public boolean stopped() {
                            return heard.size() >= 6;
                        }
                    };
            for (Continuation c :
                    generator
                            .generate(List.of("a", "b"), settings(Sampling.GREEDY, true), listener)
                            .continuations()) {
                assertEquals(Reason.STOPPED, c.reason());
                assertEquals(3, c.text().length());
            }
        }
    }

    @EachEngine
    void anEmptyPromptIsTheTokenThatBegins(EngineChoice engine) {
        try (Network network = network(LEARNED, engine)) {
            Generator generator = new Generator(network, LETTERS);
            Generator.Settings settings = settings(Sampling.GREEDY, true);
            Generator.Batch expected =
                    generator.generateFrom(
                            List.of(new int[] {LETTERS.begin()}), settings, TextListener.NONE);
            Generator.Batch found = generator.generate(List.of(""), settings, TextListener.NONE);
            assertEquals(expected.continuations(), found.continuations());
            assertEquals(1, found.promptTokens());
            assertEquals(found.continuations().get(0).tokens().size(), found.tokens());
            assertTrue(0 < found.promptSeconds() && found.promptSeconds() <= found.seconds());
        }
    }

    /** A norm after the rotation depends on positions, which padding before a prompt shifts. */
    @EachEngine
    void normsAfterTheRotationNeedPromptsOfOneLength(EngineChoice engine) {
        String model =
                ROTARY.replace(
                        "\"heads\"", "\"queryKeyNorm\": \"rms\", \"rotaryFirst\": true, \"heads\"");
        try (Network network = network(model, engine)) {
            Generator generator = new Generator(network, LETTERS);
            Generator.Settings greedy = settings(Sampling.GREEDY, true);
            assertFalse(generator.sharesBatches(greedy));
            List<String> alike = List.of("abc", "def");
            assertEquals(
                    alike.stream().map(prompt -> generator.generate(prompt, greedy)).toList(),
                    generate(generator, alike, greedy));
            SpecException e =
                    assertThrows(SpecException.class, () -> generate(generator, PROMPTS, greedy));
            assertTrue(String.valueOf(e.getMessage()).contains("got [3, 1, 8]"), e.getMessage());
        }
    }

    @Test
    void aSearchRefusesSettingsItCannotKeep() {
        try (Network network = network(LEARNED, Engines.all().get(0))) {
            Generator generator = new Generator(network, LETTERS);
            int most = LETTERS.vocabulary();
            TokenRules rules = new TokenRules(Map.of(), Set.of(most));
            requireRefused(generator, Sampling.GREEDY.withTokens(rules), List.of(), "got " + most);
            requireRefused(generator, Sampling.PLAIN, List.of(), "temperature 0");
            requireRefused(generator, Sampling.GREEDY, List.of("x"), "no stop strings");
            Generator.Settings beams =
                    new Generator.Settings(
                            Sampling.GREEDY, 8, List.of(), true, Search.NONE.withBeams(2));
            // The first forward pass of a network takes longer.
            generator.generate("abc", beams);
            Generator.Batch found = generator.generate(List.of("abc"), beams, TextListener.NONE);
            assertTrue(found.promptSeconds() < found.seconds() * 0.9, found.toString());
        }
    }

    private static void requireRefused(
            Generator generator, Sampling sampling, List<String> stops, String part) {
        Generator.Settings settings = new Generator.Settings(sampling, 8, stops, true);
        List<int[]> prompts = List.of(LETTERS.encode("a"));
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () -> generator.search(prompts, settings, TextListener.NONE));
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }

    @EachEngine
    void nothingGrowsWithTheTokens(EngineChoice engine) {
        try (Network network = network(ROTARY, engine)) {
            Generator generator = new Generator(network, CharTokenizer.of("abcdefghijklm"));
            NDManager manager = network.backend().manager();
            for (boolean cached : new boolean[] {true, false}) {
                int before = manager.getManagedArrays().size();
                List<Integer> during = new ArrayList<>();
                generator.generate(
                        List.of("a"),
                        settings(Sampling.GREEDY, cached),
                        (sequence, piece) -> during.add(manager.getManagedArrays().size()));
                assertEquals(TOKENS, during.size());
                assertEquals(1, during.stream().distinct().count(), during.toString());
                assertEquals(before, manager.getManagedArrays().size());
            }
        }
    }

    @EachEngine
    void whatCannotBeContinuedIsRefused(EngineChoice engine) {
        Generator.Settings settings = Generator.Settings.DEFAULT;
        try (Network network = network(LEARNED, engine)) {
            Generator generator = new Generator(network, CharTokenizer.of("abc"));
            refused("1 to 9 tokens", () -> generator.generate("abcabcabca", settings));
            refused("no token that begins a text", () -> generator.generate("", settings));
            refused("at least one prompt", () -> generate(generator, List.of(), settings));
            refused(
                    "in [0, 3), got 3",
                    () ->
                            generator.generateFrom(
                                    List.of(new int[] {3}), settings, TextListener.NONE));
            assertThrows(DataException.class, () -> generator.generate("abd", settings));
            refused(
                    "at most the 13 tokens of the model",
                    () -> new Generator(network, Letters.BYTES));
        }
        try (Network network = network(blocks(false, "", ""), engine)) {
            refused("must be causal", () -> new Generator(network, LETTERS));
        }
        try (Network network = network(TRANSLATOR, engine)) {
            refused("a beginning token", () -> new Generator(network, CharTokenizer.of("abc")));
        }
        refused(
                "stop strings",
                () -> new Generator.Settings(Sampling.GREEDY, 1, List.of(""), true));
        refused("maxTokens", () -> settings.with(Sampling.GREEDY, 0));
    }

    private static void refused(String part, Runnable what) {
        String message = assertThrows(SpecException.class, what::run).getMessage();
        assertTrue(message.contains(part), message);
    }
}
