package io.residuum.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.PeerCase;
import io.residuum.testing.Seeds;
import io.residuum.testing.Tensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Narrow networks of torchvision, timm and transformers: random weights, inputs and outputs lie
 * below {@code peers}, written by {@code docs/parity/peer.py --convolutional}. The specs are
 * written by hand.
 */
@ExtendWith(Seeds.class)
class ConvolutionalParityTest {
    private static final int CASES = 94;

    @TempDir private Path folder;

    static Stream<Arguments> cases() throws IOException, URISyntaxException {
        List<PeerCase> cases = PeerCase.beside(ConvolutionalParityTest.class, "peers");
        assertEquals(CASES, cases.size());
        return Engines.with(cases);
    }

    private static String description(PeerCase peer) {
        return peer.toString().endsWith("-huggingface") ? "config.json" : "spec.json";
    }

    @ParameterizedTest
    @MethodSource("cases")
    void sameOutputsFromTheSameWeights(EngineChoice engine, PeerCase peer) {
        String name = peer.toString();
        String library = name.substring(name.lastIndexOf('-') + 1);
        peer.requireParity(engine, description(peer), library, folder);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyWeightHasAGradient(EngineChoice engine, PeerCase peer) {
        ModelSpec spec = ModelSource.of(peer.folder().resolve(description(peer))).spec();
        Backend backend = Engines.backend(engine);
        // Dropout of a narrow classifier may drop all of it.
        backend.seed(Seeds.SEED);
        try (Network network = Nets.shaken(spec, backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            long size = network.block().inputShape().get(2);
            NDArray x = Tensors.random(manager, Seeds.SEED, 8, 3, size, size);
            NDArray weights = Tensors.random(manager, Seeds.SEED + 1, 8, 10);
            Nets.gradients(network, x, true, weights)
                    .forEach(
                            (path, gradient) -> {
                                double largest = Tensors.largest(gradient);
                                assertTrue(Double.isFinite(largest), path);
                                assertTrue(largest > 0 || !path.endsWith("weight"), path);
                            });
        }
    }
}
