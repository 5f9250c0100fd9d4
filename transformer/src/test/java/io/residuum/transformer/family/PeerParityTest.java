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
import io.residuum.spec.ModelSpec;
import io.residuum.testing.Engines;
import io.residuum.weights.Safetensors;
import io.residuum.weights.TensorInfo;
import io.residuum.weights.TensorType;
import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.Export;
import io.residuum.weights.dialect.ImportOptions;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Small networks of transformers: their config.json, random weights, inputs and outputs lie below
 * {@code peers}, written by {@code docs/parity/peer.py --golden}.
 */
class PeerParityTest {
    private static final double TOLERANCE = 1e-4;
    private static final int CASES = 13;

    @TempDir private Path folder;

    static Stream<Arguments> cases() throws IOException, URISyntaxException {
        Path peers =
                Path.of(Objects.requireNonNull(PeerParityTest.class.getResource("peers")).toURI());
        try (Stream<Path> folders = Files.list(peers)) {
            List<Path> sorted = folders.sorted().toList();
            assertEquals(CASES, sorted.size());
            return Engines.with(sorted);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void sameOutputsFromTheSameWeights(EngineChoice engine, Path peer) {
        ModelSpec spec = ModelSource.of(peer.resolve("config.json")).spec();
        Path weights = peer.resolve("weights.safetensors");
        Backend backend = Engines.backend(engine);
        try (Network network = Network.create(spec, backend, 1);
                NDManager manager = backend.newManager();
                Safetensors outputs = Safetensors.open(peer.resolve("outputs.safetensors"))) {
            Dialect dialect = network.loadWeights(weights, ImportOptions.standard()).dialect();
            assertEquals("huggingface", dialect.name());
            NDList input = input(peer, manager);
            for (String name : outputs.names()) {
                NDArray found =
                        name.equals("output")
                                ? network.predict(input)
                                : network.features(input, List.of(name)).get(name);
                assertTrue(error(outputs, name, found) < TOLERANCE, name);
            }
            requireSame(weights, exported(network, dialect));
        }
    }

    private Path exported(Network network, Dialect dialect) {
        Path file = folder.resolve("exported.safetensors");
        Export.of(
                        dialect,
                        network.block(),
                        path -> Values.floats(network.state().get(path).getArray()))
                .write(file);
        return file;
    }

    /** What is written has all names that were read, and second names of tied tensors besides. */
    private static void requireSame(Path before, Path after) {
        try (Safetensors read = Safetensors.open(before);
                Safetensors written = Safetensors.open(after)) {
            for (String name : read.names()) {
                assertEquals(read.info(name).shape(), written.info(name).shape(), name);
                assertArrayEquals(read.floats(name), written.floats(name), 0, name);
            }
        }
    }

    /** The input and the side inputs. */
    private static NDList input(Path peer, NDManager manager) {
        NDList inputs = new NDList();
        try (Safetensors file = Safetensors.open(peer.resolve("input.safetensors"))) {
            for (String name : List.of("input", "mask", "segments")) {
                if (!file.names().contains(name)) {
                    continue;
                }
                TensorInfo info = file.info(name);
                Shape shape = new Shape(info.dimensions());
                NDArray array =
                        info.type() == TensorType.I64
                                ? manager.create(file.longs(name), shape)
                                : manager.create(file.floats(name), shape);
                array.setName(name);
                inputs.add(array);
            }
        }
        return inputs;
    }

    /** The largest difference, by the largest value. */
    private static double error(Safetensors outputs, String name, NDArray found) {
        assertEquals(new Shape(outputs.info(name).dimensions()), found.getShape(), name);
        float[] expected = outputs.floats(name);
        float[] actual = Values.floats(found);
        double worst = 0;
        double largest = 0;
        for (int i = 0; i < expected.length; i++) {
            double difference = Math.abs(expected[i] - actual[i]);
            worst = difference <= worst ? worst : difference; // keeps a NaN
            largest = Math.max(largest, Math.abs(expected[i]));
        }
        return worst / largest;
    }
}
