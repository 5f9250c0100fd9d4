package io.residuum.transformer.family;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.testing.Engines;
import io.residuum.weights.Safetensors;
import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.Dialects;
import io.residuum.weights.dialect.Export;
import io.residuum.weights.dialect.ImportOptions;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Networks of transformers that no standard table knows: a spec and a table written by hand lie in
 * {@code tables}, beside weights and outputs that {@code docs/parity/peer.py --tables} wrote.
 */
class NameTablesTest {
    private static final double TOLERANCE = 1e-4;

    /** The rows of their positions before ours. */
    private static final int OFFSET = 2;

    @TempDir private Path folder;

    static Stream<Arguments> cases() {
        return Engines.with(
                List.of("opt", "roberta", "bloom", "gpt-neox", "gemma", "transformer-lens"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void sameOutputsFromTheSameWeights(EngineChoice engine, String name) throws URISyntaxException {
        Path peer =
                Path.of(
                        Objects.requireNonNull(NameTablesTest.class.getResource("tables/" + name))
                                .toURI());
        Dialects table = Dialects.read(peer.resolve("table.json"));
        ImportOptions options = ImportOptions.standard().withDialects(table);
        Path weights = peer.resolve("weights.safetensors");
        Backend backend = Engines.backend(engine);
        ModelSource source = ModelSource.of(peer.resolve("spec.json"));
        try (Network network = Network.create(source.spec(), backend, 1);
                NDManager manager = backend.newManager();
                Safetensors input = Safetensors.open(peer.resolve("input.safetensors"));
                Safetensors output = Safetensors.open(peer.resolve("outputs.safetensors"))) {
            Dialect dialect = network.loadWeights(weights, options).dialect();
            NDArray ids =
                    manager.create(
                            input.longs("input"), new Shape(input.info("input").dimensions()));
            NDArray found = network.predict(new NDList(ids));
            assertEquals(new Shape(output.info("output").dimensions()), found.getShape());
            assertTrue(error(output.floats("output"), Values.floats(found)) < TOLERANCE);

            Path exported = folder.resolve("exported.safetensors");
            Export.of(
                            dialect,
                            network.block(),
                            path -> Values.floats(network.state().get(path).getArray()))
                    .write(exported);
            requireSame(weights, exported);
            try (Network again =
                    source.withWeights(exported).withOptions(o -> options).open(backend)) {
                again.state()
                        .forEach(
                                (path, p) ->
                                        assertArrayEquals(
                                                Values.floats(network.state().get(path).getArray()),
                                                Values.floats(p.getArray()),
                                                1e-6f,
                                                path));
            }
        }
    }

    /** Rows that ours lack are written as zeros; adding and subtracting a constant rounds. */
    private static void requireSame(Path before, Path after) {
        try (Safetensors read = Safetensors.open(before);
                Safetensors written = Safetensors.open(after)) {
            for (String name : read.names()) {
                assertEquals(read.info(name).shape(), written.info(name).shape(), name);
                float[] expected = read.floats(name);
                if (name.contains("embed_positions") || name.contains("position_embeddings")) {
                    int width = Math.toIntExact(read.info(name).shape().get(1));
                    Arrays.fill(expected, 0, OFFSET * width, 0);
                }
                assertArrayEquals(expected, written.floats(name), 1e-6f, name);
            }
        }
    }

    /** The largest difference, by the largest value. */
    private static double error(float[] expected, float[] found) {
        double worst = 0;
        double largest = 0;
        for (int i = 0; i < expected.length; i++) {
            double difference = Math.abs(expected[i] - found[i]);
            worst = difference <= worst ? worst : difference; // keeps a NaN
            largest = Math.max(largest, Math.abs(expected[i]));
        }
        return worst / largest;
    }
}
