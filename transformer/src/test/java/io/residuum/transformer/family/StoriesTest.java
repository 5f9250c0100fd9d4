package io.residuum.transformer.family;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.SharedData;
import io.residuum.transformer.generate.Continuation;
import io.residuum.transformer.generate.Generator;
import io.residuum.transformer.generate.Sampling;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Tokenizers;
import io.residuum.weights.dialect.ImportOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** A trained model of the Llama kind says what the program it was trained for says. */
class StoriesTest {

    private static ModelSpec spec() {
        return new TransformerPresets()
                .presets().stream()
                        .filter(p -> p.name().equals("stories260k"))
                        .findFirst()
                        .orElseThrow()
                        .spec();
    }

    @EachEngine
    void greedyTokensAreTheOriginals(EngineChoice engine) throws IOException {
        Path folder = SharedData.require("stories260K");
        long[] tokens =
                Arrays.stream(
                                Files.readString(folder.resolve("expected_greedy_tokens.txt"))
                                        .trim()
                                        .split("\\s+"))
                        .mapToLong(Long::parseLong)
                        .toArray();
        ModelSpec spec = spec();
        Backend backend = Engines.backend(engine);
        try (Network network = Network.create(spec, backend, 1);
                NDManager manager = backend.newManager()) {
            network.loadWeights(folder.resolve("stories260K.bin"), ImportOptions.standard());
            long[] seen = Arrays.copyOf(tokens, tokens.length - 1);
            NDList input = new NDList(manager.create(seen, new Shape(1, seen.length)));
            // Each token given those before it, all at once.
            long[] chosen = network.predict(input).argMax(2).toLongArray();
            assertEquals(
                    Arrays.toString(Arrays.copyOfRange(tokens, 1, tokens.length)),
                    Arrays.toString(chosen));
        }
    }

    @EachEngine
    void itTellsTheOriginalStory(EngineChoice engine) throws IOException {
        Path folder = SharedData.require("stories260K");
        List<Integer> tokens =
                Arrays.stream(
                                Files.readString(folder.resolve("expected_greedy_tokens.txt"))
                                        .trim()
                                        .split("\\s+"))
                        .map(Integer::valueOf)
                        .toList();
        try (Network network = Network.create(spec(), Engines.backend(engine), 1);
                Tokenizer tokenizer = Tokenizers.open(folder.resolve("tok512.bin"))) {
            network.loadWeights(folder.resolve("stories260K.bin"), ImportOptions.standard());
            Generator generator = new Generator(network, tokenizer);
            // The first of them begins every text.
            int count = tokens.size() - 1;
            for (boolean cached : new boolean[] {true, false}) {
                Continuation story =
                        generator.generate(
                                "",
                                new Generator.Settings(Sampling.GREEDY, count, List.of(), cached));
                assertEquals(tokens.subList(1, tokens.size()), story.tokens());
                assertEquals(Files.readString(folder.resolve("expected_greedy.txt")), story.text());
            }
        }
    }
}
