package io.residuum.vision.resnet;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.residuum.compile.CompileOptions;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections between the units of a residual network for images. */
class WiredResNetTest {
    private static final List<String> PLAIN_AT_THE_START =
            List.of(
                    "{'type': 'hyperConnections', 'streams': 2, 'dynamic': false}",
                    "'hyperConnections'",
                    "'manifoldHyperConnections'",
                    "'denseFormer'",
                    "'x0'",
                    "'unet'",
                    "{'type': 'laurel', 'rank': 2}");

    static Stream<Arguments> starts() {
        return Engines.with(PLAIN_AT_THE_START);
    }

    private static ModelSpec spec(String wiring, String shortcut) {
        String text =
                """
                {'format': 'residuum/1', 'name': 'small',
                 'input': {'type': 'image', 'shape': [3, 8, 8]},
                 'network': {'type': 'resnet', 'stem': 'cifar', 'units': [2, 3], 'width': 4,
                             'shortcut': '%s', 'classes': 5, 'stream': %s}}
                """
                        .formatted(shortcut, wiring)
                        .replace('\'', '"');
        return SpecJson.standard().parse(text, "small", ModelSpec.class);
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("starts")
    void startsAsThePlainNetworkAndCompiles(EngineChoice engine, String wiring) {
        for (String shortcut : List.of("A", "B")) {
            try (Network plain =
                            Nets.shaken(
                                    spec("'plain'", shortcut),
                                    Engines.backend(engine),
                                    DataType.FLOAT32);
                    Network wired =
                            Network.create(spec(wiring, shortcut), Engines.backend(engine), 1);
                    NDManager manager = wired.backend().newManager()) {
                plain.state()
                        .forEach(
                                (path, p) -> {
                                    String at =
                                            path.contains(".shortcut.") && wiring.contains("yperC")
                                                    ? path.replace(".shortcut.", ".shortcut.layer.")
                                                    : path;
                                    Tensors.set(
                                            wired.state().get(at).getArray(),
                                            Tensors.values(p.getArray()));
                                });
                NDList images = new NDList(Tensors.random(manager, 3, 2, 3, 8, 8));
                double[] expected = Tensors.values(plain.predict(images));
                double tolerance = wiring.contains("manifold") ? 5e-5 : 1e-6;
                assertClose(expected, Tensors.values(wired.predict(images)), tolerance, wiring);
                wired.compile(CompileOptions.DEFAULT, Assertions::fail);
                assertClose(expected, Tensors.values(wired.predict(images)), 1e-4, wiring);
            }
        }
    }

    private static ModelSpec preActivation(String wiring) {
        String text =
                """
                {'format': 'residuum/1', 'name': 'small',
                 'input': {'type': 'image', 'shape': [3, 8, 8]},
                 'network': {'type': 'resnet', 'stem': 'cifar', 'units': [2, 3], 'width': 4,
                             'unit': {'order': 'pre-activation'}, 'shortcut': 'A', 'classes': 5,
                             'stream': %s}}
                """
                        .formatted(wiring)
                        .replace('\'', '"');
        return SpecJson.standard().parse(text, "small", ModelSpec.class);
    }

    static Stream<Arguments> invertible() {
        return Engines.with(
                List.of(
                        "'reversible'",
                        "{'type': 'reversible', 'split': true}",
                        "{'type': 'momentum', 'gamma': 0.7}"));
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("invertible")
    void invertsUnitsThatKeepTheShapeAndCompiles(EngineChoice engine, String wiring) {
        try (Network network = Network.create(preActivation(wiring), Engines.backend(engine), 1);
                NDManager manager = network.backend().newManager()) {
            assertEquals(5, network.recomputation().units());
            assertEquals(4, network.recomputation().inverted());
            NDList images = new NDList(Tensors.random(manager, 3, 2, 3, 8, 8));
            double[] expected = Tensors.values(network.predict(images));
            network.compile(CompileOptions.DEFAULT, Assertions::fail);
            assertClose(expected, Tensors.values(network.predict(images)), 1e-4, wiring);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("io.residuum.testing.Engines#all")
    void startsAsThePlainNetworkWithoutMomentum(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        try (Network plain = Network.create(preActivation("'plain'"), backend, 1);
                Network wired =
                        Network.create(
                                preActivation("{'type': 'momentum', 'gamma': 0}"), backend, 1);
                NDManager manager = backend.newManager()) {
            NDList images = new NDList(Tensors.random(manager, 3, 2, 3, 8, 8));
            double[] expected = Tensors.values(plain.predict(images));
            assertClose(expected, Tensors.values(wired.predict(images)), 1e-6, "momentum 0");
        }
    }

    @Test
    void saysWhatItCannotConnect() {
        assertMessage("use the pre-activation order", "'reversible'");
        assertMessage("stream must not be altUp for blocks that change", "'altUp'");
        assertMessage("for fewer than two attention layers, got 0", "'valueResidual'");
    }

    private static void assertMessage(String reason, String wiring) {
        SpecException e = assertThrows(SpecException.class, () -> spec(wiring, "A").newBlock());
        assertTrue(e.getMessage().contains(reason), e.getMessage());
    }
}
