package io.residuum.transformer.family;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.SharedData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A trained model of the Llama kind says what the program it was trained for says. */
class StoriesTest {

    /** llama2.c's order of weights, each over all blocks; without a number the weight is one. */
    private static final List<String> ORDER =
            List.of(
                    "embedding.token.weight",
                    "blocks.#.attention.before.norm.weight",
                    "blocks.#.attention.branch.q.weight",
                    "blocks.#.attention.branch.k.weight",
                    "blocks.#.attention.branch.v.weight",
                    "blocks.#.attention.branch.output.weight",
                    "blocks.#.mlp.before.norm.weight",
                    "blocks.#.mlp.branch.gate.weight",
                    "blocks.#.mlp.branch.down.weight",
                    "blocks.#.mlp.branch.up.weight",
                    "norm.weight");

    private static final int HEADER = 7;

    private static void fill(Network network, int depth, Path file) throws IOException {
        FloatBuffer values =
                ByteBuffer.wrap(Files.readAllBytes(file))
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asFloatBuffer()
                        .position(HEADER);
        Map<String, Parameter> parameters = network.parameters();
        for (String path : ORDER) {
            for (int i = 0; i < (path.contains("#") ? depth : 1); i++) {
                Parameter p = parameters.get(path.replace("#", Integer.toString(i)));
                float[] part = new float[Math.toIntExact(p.getShape().size())];
                values.get(part);
                p.getArray().set(part);
            }
        }
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
        ModelSpec spec =
                new TransformerPresets()
                        .presets().stream()
                                .filter(p -> p.name().equals("stories260k"))
                                .findFirst()
                                .orElseThrow()
                                .spec();
        Backend backend = Engines.backend(engine);
        try (Network network = Network.create(spec, backend, 1);
                NDManager manager = backend.newManager()) {
            fill(network, 5, folder.resolve("stories260K.bin"));
            long[] seen = Arrays.copyOf(tokens, tokens.length - 1);
            NDList input = new NDList(manager.create(seen, new Shape(1, seen.length)));
            // Each token given those before it, all at once.
            long[] chosen = network.predict(input).argMax(2).toLongArray();
            assertEquals(
                    Arrays.toString(Arrays.copyOfRange(tokens, 1, tokens.length)),
                    Arrays.toString(chosen));
        }
    }
}
