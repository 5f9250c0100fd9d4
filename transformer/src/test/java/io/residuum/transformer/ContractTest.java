package io.residuum.transformer;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.compile.CompileOptions;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Cost;
import io.residuum.model.Network;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.testing.Garbage;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks the contract of every layer and family of this module. */
class ContractTest {
    private static final int BATCH = 2;

    private static final SpecJson JSON = SpecJson.standard();

    static Set<String> names() {
        return Cases.ALL.keySet();
    }

    static Stream<Arguments> onEachEngine() {
        return Engines.with(Cases.ALL.keySet());
    }

    private static ModelSpec spec(String name) {
        return Cases.ALL.get(name);
    }

    /** Engines would fail with messages that name no layer, or compute with integers. */
    @ParameterizedTest
    @MethodSource("names")
    void layersOfFloatsRefuseTokenIds(String name) {
        ModelSpec spec = spec(name);
        Shape input = spec.input().batchShape();
        if (Shapes.isIds(input) || Shapes.isChannelsLast(input)) {
            return;
        }
        try {
            Layer layer = spec.network().newBlock(Shapes.ids(input));
            assertTrue(layer.outputShapes().stream().allMatch(Shapes::isIds), name);
        } catch (IllegalArgumentException | SpecException e) {
            assertTrue(e.getMessage().contains("needs floats, got token ids"), e.getMessage());
        }
    }

    private static NDList inputs(NDManager manager, ModelSpec spec, DataType type) {
        return Cases.inputs(manager, spec, type, BATCH);
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("onEachEngine")
    void hasTheShapeItSaysAndAGradientInEveryParameter(EngineChoice engine, String name) {
        ModelSpec spec = spec(name);
        Backend backend = Engines.backend(engine);
        try (Network network = Nets.shaken(spec, backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            NDList inputs = inputs(manager, spec, DataType.FLOAT32);
            NDArray y = network.predict(inputs);
            long[] expected = network.outputShape().getShape().clone();
            expected[0] = BATCH;
            assertEquals(new Shape(expected), y.getShape());
            assertTrue(Double.isFinite(Tensors.largest(Tensors.values(y))));
            NDArray weights = Tensors.random(manager, 9, expected);
            Gradients.of(network, inputs, weights)
                    .forEach((path, g) -> assertTrue(Tensors.largest(g) > 0 || idle(path), path));
        }
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("onEachEngine")
    void keepsItsGradientsThroughAGarbageCollection(EngineChoice engine, String name) {
        ModelSpec spec = spec(name);
        Backend backend = Engines.backend(engine);
        List<Map<String, double[]>> gradients = new ArrayList<>();
        for (Runnable between : List.<Runnable>of(() -> {}, Garbage::collect)) {
            try (Network network = Nets.shaken(spec, backend, DataType.FLOAT32);
                    NDManager manager = backend.newManager()) {
                NDList inputs = inputs(manager, spec, DataType.FLOAT32);
                long[] shape = network.outputShape().getShape().clone();
                shape[0] = BATCH;
                NDArray weights = Tensors.random(manager, 9, shape);
                gradients.add(Gradients.of(network, inputs, weights, between));
            }
        }
        gradients
                .get(0)
                .forEach((path, g) -> assertArrayEquals(g, gradients.get(1).get(path), path));
    }

    /** These add the same to all scores of a query, which softmax cancels. */
    private static boolean idle(String path) {
        return path.endsWith(".k.bias")
                || path.endsWith(".biasNorm.bias")
                || path.endsWith(".talkScores.bias");
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("onEachEngine")
    void hasTheGradientsOfFiniteDifferences(EngineChoice engine, String name) {
        ModelSpec spec = spec(name);
        Backend backend = Engines.backend(engine);
        // MXNet computes the exact GELU in single precision.
        boolean coarse =
                engine == EngineChoice.MXNET && JSON.writeAll(spec.expand()).contains("\"gelu\"");
        double step = coarse ? 1e-3 : 1e-5;
        double tolerance = coarse ? 5e-3 : 1e-6;
        try (Network network = Nets.shaken(spec, backend, DataType.FLOAT64);
                NDManager manager = backend.newManager()) {
            NDList inputs = inputs(manager, spec, DataType.FLOAT64);
            Shape shape = network.predict(inputs).getShape();
            NDArray weights =
                    Tensors.create(manager, Tensors.draw(9, shape.size()), shape, DataType.FLOAT64);
            Map<String, double[]> gradients = Gradients.of(network, inputs, weights);
            gradients.forEach(
                    (path, gradient) -> {
                        int at = Gradients.steepest(gradient);
                        double slope = Gradients.slope(network, inputs, weights, path, at, step);
                        double allowed = tolerance * Math.max(1, Math.abs(slope));
                        assertEquals(slope, gradient[at], allowed, path);
                    });
        }
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("onEachEngine")
    void comesBackFromAFileTheSame(EngineChoice engine, String name, @TempDir Path folder) {
        ModelSpec spec = spec(name);
        Backend backend = Engines.backend(engine);
        Path file = folder.resolve("network.safetensors");
        try (Network network = Nets.shaken(spec, backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            network.save(file);
            NDList inputs = inputs(manager, spec, DataType.FLOAT32);
            double[] before = Tensors.values(network.predict(inputs));
            try (Network loaded = Network.load(file, backend)) {
                assertClose(before, Tensors.values(loaded.predict(inputs)), 0, name);
            }
        }
    }

    /** A batch of one repeats nothing: what is then a parameter itself must not be closed. */
    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("onEachEngine")
    void keepsItsParametersWhenAPassEnds(EngineChoice engine, String name) {
        ModelSpec spec = spec(name);
        Backend backend = Engines.backend(engine);
        try (Network network = Nets.shaken(spec, backend, DataType.FLOAT32)) {
            List<double[]> outputs = new ArrayList<>();
            for (int pass = 0; pass < 2; pass++) {
                try (NDManager manager = backend.newManager()) {
                    NDList one = Cases.inputs(manager, spec, DataType.FLOAT32, 1);
                    outputs.add(Tensors.values(network.predict(one)));
                }
            }
            assertClose(outputs.get(0), outputs.get(1), 0, name);
        }
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("onEachEngine")
    void isTheSameAsAWhole(EngineChoice engine, String name) {
        ModelSpec spec = spec(name);
        Backend backend = Engines.backend(engine);
        try (Network network = Nets.shaken(spec, backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            List<NDList> inputs =
                    IntStream.of(BATCH, 1, 3)
                            .mapToObj(n -> Cases.inputs(manager, spec, DataType.FLOAT32, n))
                            .toList();
            List<double[]> expected =
                    inputs.stream().map(x -> Tensors.values(network.predict(x))).toList();
            network.compile(CompileOptions.DEFAULT, note -> Assertions.fail(note));
            for (int i = 0; i < inputs.size(); i++) {
                double[] found = Tensors.values(network.predict(inputs.get(i)));
                assertClose(expected.get(i), found, 2e-5, name);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void isTheSameOnBothEngines(String name) {
        ModelSpec spec = spec(name);
        List<double[]> outputs =
                Engines.both().stream()
                        .map(
                                backend -> {
                                    try (Network network =
                                                    Nets.shaken(spec, backend, DataType.FLOAT32);
                                            NDManager manager = backend.newManager()) {
                                        NDList x = inputs(manager, spec, DataType.FLOAT32);
                                        return Tensors.values(network.predict(x));
                                    }
                                })
                        .toList();
        assertClose(outputs.get(0), outputs.get(1), 2e-5, name);
    }

    @ParameterizedTest
    @MethodSource("names")
    void isTheSameInJsonAndExpanded(String name) {
        ModelSpec spec = spec(name);
        assertEquals(spec, JSON.parse(JSON.write(spec), name, ModelSpec.class));
        ModelSpec expanded = spec.expand();
        assertEquals(expanded, JSON.parse(JSON.writeAll(expanded), name, ModelSpec.class));
        assertEquals(
                spec.newBlock().namedParameters().keySet(),
                expanded.newBlock().namedParameters().keySet());
        assertEquals(Cost.of(spec.newBlock()), Cost.of(expanded.newBlock()));
    }
}
