package io.residuum.model;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.residuum.compile.CompileOptions;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.spec.SpecException;
import io.residuum.testing.Engines;
import io.residuum.testing.Garbage;
import io.residuum.testing.Nets;
import io.residuum.testing.Seeds;
import io.residuum.testing.Tensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks the contract of every layer, on every engine and with every setting. */
@ExtendWith(Seeds.class)
class BlockContractTest {

    /** As close as two engines come in float32, relative to the largest number. */
    private static final double ENGINES = 1e-4;

    /** As close as one engine comes by two ways in float32. */
    private static final double WAYS = 1e-5;

    static Stream<Arguments> casesOnEachEngine() {
        return Engines.with(BlockCases.all());
    }

    static List<BlockCase> cases() {
        return BlockCases.all();
    }

    /** Engines would fail with messages that name no layer, or compute with integers. */
    @ParameterizedTest
    @MethodSource("cases")
    void refusesTokenIdsUnlessItOnlyMovesThem(BlockCase c) {
        Shape ids = Shapes.ids(new Shape(-1).addAll(c.input().slice(1)));
        try {
            Layer layer = c.layer().newBlock(ids);
            assertTrue(layer.outputShapes().stream().allMatch(Shapes::isIds), c.name());
        } catch (IllegalArgumentException | SpecException e) {
            assertTrue(e.getMessage().contains("needs floats, got token ids"), e.getMessage());
        }
    }

    private static Network shaken(BlockCase c, Backend backend) {
        return Nets.shaken(c.spec(), backend, DataType.FLOAT32);
    }

    private static NDArray input(NDManager manager, Shape shape) {
        return Tensors.random(manager, Seeds.SEED, shape.getShape());
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("casesOnEachEngine")
    void computesFiniteOutputsOfTheInferredShape(EngineChoice engine, BlockCase c) {
        Backend backend = Engines.backend(engine);
        try (Network network = shaken(c, backend);
                NDManager manager = backend.newManager()) {
            for (Shape shape : List.of(c.input(), c.other())) {
                for (boolean training : new boolean[] {true, false}) {
                    NDArray y = network.forward(new NDList(input(manager, shape)), training);
                    assertEquals(network.block().outputShape(shape), y.getShape());
                    assertTrue(Arrays.stream(Tensors.values(y)).allMatch(Double::isFinite));
                }
            }
            Shape inferred = network.outputShape();
            assertEquals(-1, inferred.get(0));
            assertEquals(
                    network.block().outputShape(c.input()).slice(1), inferred.slice(1), "built");
        }
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("casesOnEachEngine")
    void givesEveryParameterAGradient(EngineChoice engine, BlockCase c) {
        Backend backend = Engines.backend(engine);
        try (Network network = shaken(c, backend);
                NDManager manager = backend.newManager()) {
            NDArray x = input(manager, c.input());
            Set<String> without = new HashSet<>();
            // A dropped branch has none: some of these seeds keep it.
            for (long seed = 0; seed < 4; seed++) {
                network.reseed(seed);
                Map<String, double[]> gradients = gradients(network, x, true);
                without.clear();
                gradients.forEach(
                        (path, g) -> {
                            if (Tensors.largest(g) == 0) {
                                without.add(path);
                            }
                        });
                if (without.isEmpty()) {
                    return;
                }
            }
            assertEquals(Set.of(), without);
        }
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("casesOnEachEngine")
    void keepsItsGradientsThroughAGarbageCollection(EngineChoice engine, BlockCase c) {
        Assumptions.assumeFalse(c.engineDraws(), "what the engine draws differs from call to call");
        Backend backend = Engines.backend(engine);
        try (Network network = shaken(c, backend);
                NDManager manager = backend.newManager()) {
            NDArray x = input(manager, c.input());
            List<Map<String, double[]>> gradients = new ArrayList<>();
            for (Runnable between : List.<Runnable>of(() -> {}, Garbage::collect)) {
                network.reseed(1);
                gradients.add(gradients(network, x, true, between));
            }
            gradients
                    .get(0)
                    .forEach(
                            (path, g) ->
                                    assertArrayEquals(
                                            g, gradients.get(1).get(path), c + " " + path));
        }
    }

    private static Map<String, double[]> gradients(Network network, NDArray x, boolean training) {
        return gradients(network, x, training, () -> {});
    }

    private static Map<String, double[]> gradients(
            Network network, NDArray x, boolean training, Runnable between) {
        Shape out = network.block().outputShape(x.getShape());
        NDArray weights = Tensors.random(x.getManager(), Seeds.SEED + 1, out.getShape());
        return Nets.gradients(network, x, training, weights, between);
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("casesOnEachEngine")
    void comesBackFromAFileBitForBit(EngineChoice engine, BlockCase c, @TempDir Path folder) {
        Path file = folder.resolve("net.safetensors");
        Backend backend = Engines.backend(engine);
        try (Network network = shaken(c, backend);
                NDManager manager = backend.newManager()) {
            network.save(file);
            NDList x = new NDList(input(manager, c.input()));
            try (Network loaded = Network.load(file, backend)) {
                assertEquals(network.spec(), loaded.spec());
                Map<String, double[]> expected = Nets.values(network.state());
                Map<String, double[]> actual = Nets.values(loaded.state());
                assertEquals(List.copyOf(expected.keySet()), List.copyOf(actual.keySet()));
                expected.forEach((path, v) -> assertArrayEquals(v, actual.get(path), path));
                assertArrayEquals(
                        Tensors.values(network.predict(x)), Tensors.values(loaded.predict(x)));
            }
        }
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("casesOnEachEngine")
    void evaluatesTheSameHoweverItIsAsked(EngineChoice engine, BlockCase c) {
        Backend backend = Engines.backend(engine);
        try (Network network = shaken(c, backend);
                NDManager manager = backend.newManager()) {
            NDArray x = input(manager, c.input());
            NDList in = new NDList(x);
            double[] expected = Tensors.values(network.predict(in));
            assertArrayEquals(expected, Tensors.values(network.predict(in)), "again");
            assertArrayEquals(expected, Tensors.values(network.forward(in, false)), "forward");
            Set<Layer> run = Collections.newSetFromMap(new IdentityHashMap<>());
            network.observe(in, false, (layer, outputs) -> run.add(layer));
            List<String> all = new ArrayList<>();
            network.block()
                    .walk(
                            (path, layer) -> {
                                if (!run.contains(layer)) {
                                    return;
                                }
                                List<String> outputs = layer.outputNames();
                                if (outputs.size() == 1) {
                                    all.add(path);
                                } else {
                                    outputs.forEach(name -> all.add(path + ":" + name));
                                }
                            });
            Map<String, NDArray> watched = network.features(in, all);
            assertArrayEquals(expected, Tensors.values(watched.get("")), "watched");
            watched.values().forEach(Tensors::values); // none was released
            try (GradientCollector collector = backend.newGradientCollector()) {
                assertClose(
                        expected,
                        Tensors.values(network.forward(in, false)),
                        WAYS,
                        "while gradients are recorded");
                assertClose(
                        expected,
                        Tensors.values(network.predict(in)),
                        WAYS,
                        "predicted while gradients are recorded");
            }
            assertEquals(c.input().size(), x.toFloatArray().length, "the input stays");
        }
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("casesOnEachEngine")
    void computesTheSameAsAWhole(EngineChoice engine, BlockCase c) {
        Backend backend = Engines.backend(engine);
        try (Network network = shaken(c, backend);
                NDManager manager = backend.newManager()) {
            List<double[]> expected = new ArrayList<>();
            List<NDList> inputs = new ArrayList<>();
            for (Shape shape : List.of(c.input(), batched(c.input(), 1), c.other())) {
                inputs.add(new NDList(input(manager, shape)));
                expected.add(Tensors.values(network.predict(inputs.get(inputs.size() - 1))));
            }
            network.compile(CompileOptions.DEFAULT, note -> Assertions.fail(c.name() + note));
            for (int i = 0; i < inputs.size(); i++) {
                double[] found = Tensors.values(network.predict(inputs.get(i)));
                assertClose(expected.get(i), found, ENGINES, "input " + i);
            }
        }
    }

    private static Shape batched(Shape shape, long batch) {
        long[] dims = shape.getShape().clone();
        dims[0] = batch;
        return new Shape(dims);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void agreesAcrossEngines(BlockCase c) {
        List<Map<String, double[]>> results = new ArrayList<>();
        for (Backend backend : Engines.both()) {
            results.add(everything(c, backend));
        }
        Map<String, double[]> expected = results.get(1);
        Map<String, double[]> actual = results.get(0);
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach(
                (what, values) -> {
                    if (what.startsWith("fresh ")) {
                        assertArrayEquals(values, actual.get(what), what);
                    } else {
                        assertClose(values, actual.get(what), ENGINES, what);
                    }
                });
    }

    private static Map<String, double[]> everything(BlockCase c, Backend backend) {
        Map<String, double[]> found = new LinkedHashMap<>();
        try (Network fresh = Network.create(c.spec(), backend, Seeds.SEED);
                Network network = shaken(c, backend);
                NDManager manager = backend.newManager()) {
            Nets.values(fresh.state()).forEach((path, v) -> found.put("fresh " + path, v));
            NDArray x = input(manager, c.input());
            found.put("evaluated", Tensors.values(network.predict(new NDList(x))));
            gradients(network, x, false)
                    .forEach((path, g) -> found.put("gradient in evaluation of " + path, g));
            if (c.engineDraws()) {
                return found;
            }
            for (int step = 0; step < 2; step++) {
                found.put("trained " + step, Tensors.values(network.forward(new NDList(x), true)));
                String at = "gradient in step " + step + " of ";
                gradients(network, x, true).forEach((path, g) -> found.put(at + path, g));
            }
            Nets.values(network.buffers()).forEach((path, v) -> found.put("updated " + path, v));
            return found;
        }
    }
}
