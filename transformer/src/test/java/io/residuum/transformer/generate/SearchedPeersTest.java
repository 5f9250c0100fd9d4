package io.residuum.transformer.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residuum.compile.CompileOptions;
import io.residuum.engine.EngineChoice;
import io.residuum.json.Json;
import io.residuum.json.JsonReader;
import io.residuum.model.ModelMetadata;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.testing.Engines;
import io.residuum.testing.PeerCase;
import io.residuum.transformer.family.Gpt;
import io.residuum.transformer.text.SpecialTokens;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.weights.Safetensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares with {@code generate} of transformers: {@code docs/parity/peer.py --golden} writes the
 * texts and scores of several searches beside the weights of encoders with decoders and of some
 * decoders, each of two prompts of different lengths.
 */
class SearchedPeersTest {
    private static final int CASES = 16;
    private static final int SEARCHES = 5;
    private static final String FILE = "searched.safetensors";
    private static final String RULED = "ruled.safetensors";
    private static final int END = 2;

    /** A tokenizer without texts. */
    private record Numbers(int vocabulary) implements Tokenizer {
        @Override
        public int[] encode(String text) {
            return new int[0];
        }

        @Override
        public int[] encodeForModel(String text) {
            return new int[0];
        }

        @Override
        public String decode(int... ids) {
            return "";
        }

        @Override
        public SpecialTokens special() {
            OptionalInt none = OptionalInt.empty();
            return new SpecialTokens(none, OptionalInt.of(END), none, none, none);
        }

        @Override
        public String json() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }

    static Stream<Arguments> cases() throws IOException, URISyntaxException {
        return PeerCase.with(Gpt.class, "peers", FILE, CASES);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void sameTextsAndScoresAsTransformers(EngineChoice engine, PeerCase peer) {
        Path weights = peer.folder().resolve("weights.safetensors");
        ModelSource model =
                ModelSource.of(peer.folder().resolve("config.json")).withWeights(weights);
        try (Network network = model.open(Engines.backend(engine));
                Safetensors file = Safetensors.open(peer.folder().resolve(FILE))) {
            add(network, "{\"eos_token_id\": " + END + "}");
            int count = Math.toIntExact(network.outputShape().get(2));
            Generator generator = new Generator(network, new Numbers(count));
            for (int i = 0; i < SEARCHES; i++) {
                requireSame(generator, file, i + ".", i % 2 == 0);
            }
            network.compile(CompileOptions.DEFAULT, Assertions::fail);
            for (int i = 0; i < SEARCHES; i++) {
                requireSame(generator, file, i + ".", true);
            }
        }
    }

    /** Adds settings to those of the model. */
    private static void add(Network network, String settings) {
        String key = ModelMetadata.GENERATION;
        String own = network.metadata().entry(key).orElse("{}");
        Map<String, Json> all = new LinkedHashMap<>(JsonReader.parse(own, key).members());
        all.putAll(JsonReader.parse(settings, key).members());
        network.setMetadata(network.metadata().with(key, Json.of(all).compact()));
    }

    static Stream<Arguments> ruledCases() throws IOException, URISyntaxException {
        return PeerCase.with(Gpt.class, "peers", RULED, 3);
    }

    /** With the settings of a generation_config.json. */
    @ParameterizedTest
    @MethodSource("ruledCases")
    void sameTextsUnderTheRulesOfTheModel(EngineChoice engine, PeerCase peer) {
        Path weights = peer.folder().resolve("weights.safetensors");
        ModelSource model =
                ModelSource.of(peer.folder().resolve("config.json")).withWeights(weights);
        try (Network network = model.open(Engines.backend(engine));
                Safetensors file = Safetensors.open(peer.folder().resolve(RULED))) {
            add(network, file.metadata().get("rules"));
            int count = Math.toIntExact(network.outputShape().get(2));
            Generator generator = new Generator(network, new Numbers(count));
            for (int beams : new int[] {1, 3}) {
                List<int[]> prompts =
                        PeerCase.rows(file, beams + ".prompts").stream()
                                .map(row -> row.stream().mapToInt(id -> id).toArray())
                                .toList();
                Generator.Settings settings =
                        new Generator.Settings(
                                Sampling.GREEDY, 12, List.of(), true, Search.NONE.withBeams(beams));
                List<List<Integer>> expected =
                        PeerCase.rows(file, beams + ".tokens").stream()
                                .map(t -> ended(t, 13))
                                .toList();
                Continuation best =
                        generator
                                .generateFrom(prompts, settings, TextListener.NONE)
                                .continuations()
                                .get(0);
                assertEquals(expected.get(0), best.tokens(), beams + " beams");
                if (beams > 1) {
                    List<Hypothesis> found =
                            generator.search(prompts, settings, TextListener.NONE).get(0);
                    float[] scores = file.floats(beams + ".scores");
                    for (int i = 0; i < beams; i++) {
                        assertEquals(expected.get(i), found.get(i).continuation().tokens());
                        assertEquals(scores[i], found.get(i).score(), 1e-4);
                    }
                }
            }
        }
    }

    private static void requireSame(
            Generator generator, Safetensors file, String at, boolean cached) {
        float[] s = file.floats(at + "search");
        Search.EarlyStopping stopping = Search.EarlyStopping.values()[(int) s[2]];
        Search search = new Search((int) s[0], s[1], stopping, (int) s[3], (int) s[4]);
        Generator.Settings settings =
                new Generator.Settings(Sampling.GREEDY, (int) s[5], List.of(), cached, search);
        List<int[]> prompts = prompts(file, at);
        List<List<Integer>> expected = PeerCase.rows(file, at + "tokens");
        if (search.beams() > 1) {
            float[] scores = file.floats(at + "scores");
            List<Hypothesis> found =
                    generator.search(prompts, settings, TextListener.NONE).stream()
                            .flatMap(List::stream)
                            .toList();
            assertEquals(scores.length, found.size(), at);
            for (int i = 0; i < scores.length; i++) {
                assertEquals(ended(expected.get(i)), found.get(i).continuation().tokens(), at + i);
                assertEquals(scores[i], found.get(i).score(), 1e-4, at + i);
            }
        }
        if (search.beams() < 3) {
            List<Continuation> texts =
                    generator.generateFrom(prompts, settings, TextListener.NONE).continuations();
            for (int i = 0; i < texts.size(); i++) {
                List<Integer> best = expected.get(i * search.beams());
                assertEquals(ended(best), texts.get(i).tokens(), at + i);
            }
        }
    }

    /** The tokens up to the end token; transformers fills shorter texts. */
    private static List<Integer> ended(List<Integer> tokens) {
        return ended(tokens, END);
    }

    private static List<Integer> ended(List<Integer> tokens, int other) {
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.get(i) == END || tokens.get(i) == other) {
                return tokens.subList(0, i + 1);
            }
        }
        return tokens;
    }

    private static List<int[]> prompts(Safetensors file, String at) {
        List<List<Integer>> mask = PeerCase.rows(file, at + "mask");
        List<List<Integer>> padded = PeerCase.rows(file, at + "prompts");
        return IntStream.range(0, padded.size())
                .mapToObj(
                        row ->
                                IntStream.range(0, padded.get(row).size())
                                        .filter(i -> mask.get(row).get(i) == 1)
                                        .map(padded.get(row)::get)
                                        .toArray())
                .toList();
    }
}
