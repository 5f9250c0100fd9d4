package io.residuum.model;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import io.residuum.compile.CompileContext;
import io.residuum.compile.CompileOptions;
import io.residuum.compile.Compiler;
import io.residuum.compile.ComputeType;
import io.residuum.compile.ForwardResult;
import io.residuum.emit.Quantization;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.nn.ForwardPass;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Networks with several outputs by name: op by op, as programs, and their gradients. */
class SeveralOutputsTest {

    /** A trunk of residual units with a policy and a value head, and a skip to the value. */
    private static final String TOWER =
            """
            {"format": "residuum/1", "name": "tower",
             "input": {"type": "image", "shape": [3, 6, 6]},
             "network": {"type": "graph", "outputs": ["policy", "value", "early"], "layers": [
               {"type": "conv2d", "name": "early", "filters": 4, "kernel": 3, "padding": 1},
               {"type": "repeat", "name": "tower", "times": 2, "layer":
                 {"type": "residual", "before": {"norm": "batch", "activation": "relu"},
                  "branch": [{"type": "conv2d", "filters": 4, "kernel": 3, "padding": 1}]}},
               {"type": "flatten", "name": "squares"},
               {"type": "linear", "name": "policy", "units": 7},
               {"type": "globalAveragePool", "name": "pooled", "from": "tower"},
               {"type": "globalAveragePool", "name": "seen", "from": "early"},
               {"type": "concat", "name": "joined", "from": ["pooled", "seen"]},
               {"type": "linear", "name": "value", "units": 3}]}}
            """;

    private static ModelSpec spec(String text) {
        return SpecJson.standard().parse(text, "test", ModelSpec.class);
    }

    private static Map<String, double[]> values(Map<String, NDArray> outputs) {
        Map<String, double[]> values = new LinkedHashMap<>();
        outputs.forEach((name, y) -> values.put(name, Tensors.values(y)));
        return values;
    }

    @EachEngine
    void predictsAllByNameAsAProgramToo(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        try (Network network = Nets.shaken(spec(TOWER), backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            NDList x = new NDList(Tensors.random(manager, 1, 4, 3, 6, 6));
            Map<String, NDArray> found = network.predictAll(x);
            assertEquals(List.of("policy", "value", "early"), List.copyOf(found.keySet()));
            found.forEach(
                    (name, y) ->
                            assertEquals(
                                    network.outputShapes().get(name).slice(1),
                                    y.getShape().slice(1)));
            Map<String, double[]> expected = values(found);
            Map<String, NDArray> features =
                    network.features(x, List.of("policy", "value", "early", ":value"));
            expected.forEach(
                    (name, y) -> assertArrayEquals(y, Tensors.values(features.get(name)), name));
            assertArrayEquals(expected.get("value"), Tensors.values(features.get(":value")));
            network.compile(CompileOptions.DEFAULT, note -> fail(note));
            for (int batch : new int[] {4, 1}) {
                NDList some = new NDList(x.head().get("0:" + batch));
                values(network.predictAll(some))
                        .forEach(
                                (name, y) -> {
                                    double[] all = expected.get(name);
                                    int size = all.length / 4 * batch;
                                    assertClose(Arrays.copyOf(all, size), y, 1e-5, name);
                                });
            }
        }
    }

    @EachEngine
    void whatReadsOneOutputNamesAll(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        try (Network network = Network.create(spec(TOWER), backend, 1);
                NDManager manager = backend.newManager()) {
            NDList x = new NDList(Tensors.random(manager, 1, 1, 3, 6, 6));
            for (SpecException e :
                    List.of(
                            assertThrows(SpecException.class, () -> network.predict(x)),
                            assertThrows(SpecException.class, () -> network.forward(x, true)))) {
                assertTrue(
                        e.getMessage().contains("(policy, value, early)")
                                && e.getMessage().contains("predictAll"),
                        e.getMessage());
            }
            SpecException several =
                    assertThrows(
                            SpecException.class, () -> network.features(x, List.of("", "tower")));
            assertTrue(several.getMessage().contains("\":policy\""), several.getMessage());
        }
    }

    @EachEngine
    void anInputAndAValueTwiceAreArraysOfTheirOwn(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        String text =
                """
                {"format": "residuum/1", "name": "same", "input": {"type": "features", "shape": [4]},
                 "network": {"type": "graph", "outputs": ["input", "y", "z"], "layers": [
                   {"type": "linear", "name": "y", "units": 4},
                   {"type": "dropout", "name": "z", "rate": 0.5}]}}
                """;
        try (Network network = Nets.shaken(spec(text), backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            NDList x = new NDList(Tensors.random(manager, 1, 2, 4));
            for (int round = 0; round < 2; round++) {
                Map<String, NDArray> found = network.predictAll(x);
                assertNotSame(x.head(), found.get("input"));
                double[] y = Tensors.values(found.get("y"));
                found.get("y").close();
                assertArrayEquals(y, Tensors.values(found.get("z")));
                found.values().forEach(NDArray::close);
                assertEquals(8, Tensors.values(x.head()).length, "the input stays");
                network.compile(CompileOptions.DEFAULT, note -> fail(note));
            }
        }
    }

    private static final String TWO_INPUTS =
            """
            {"format": "residuum/1", "name": "two",
             "input": {"type": "several", "inputs": [
               {"name": "board", "type": "image", "shape": [2, 3, 3]},
               {"name": "clock", "type": "features", "shape": [5]},
               {"name": "move", "type": "tokens", "length": 1, "vocabulary": 4}]},
             "network": {"type": "graph", "inputs": ["board", "clock", "move"], "layers": [
               {"type": "flatten", "name": "flat", "from": "board"},
               {"type": "embedding", "name": "word", "vocabulary": 4, "width": 3, "from": "move"},
               {"type": "flatten", "name": "last"},
               {"type": "concat", "name": "seen", "from": ["flat", "clock", "last"]},
               {"type": "linear", "name": "y", "units": 2}]}}
            """;

    @EachEngine
    void readsSeveralInputsByName(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        ModelSpec spec = spec(TWO_INPUTS);
        assertEquals(spec, spec(SpecJson.standard().write(spec)));
        assertTrue(
                Summary.of(spec)
                        .toString()
                        .startsWith("two: input board (N, 2, 3, 3), clock (N, 5), move (N, 1)"),
                Summary.of(spec).toString());
        try (Network network = Nets.shaken(spec, backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            NDArray board = Tensors.random(manager, 1, 3, 2, 3, 3);
            NDArray clock = Tensors.random(manager, 2, 3, 5);
            NDArray move = manager.create(new long[] {2, 0, 3}, new Shape(3, 1));
            clock.setName("clock");
            move.setName("move");
            double[] b = Tensors.values(board);
            double[] c = Tensors.values(clock);
            double[] table = Tensors.values(network.state().get("word.weight").getArray());
            double[] w = Tensors.values(network.state().get("y.weight").getArray());
            double[] bias = Tensors.values(network.state().get("y.bias").getArray());
            double[] expected = new double[6];
            int[] moves = {2, 0, 3};
            for (int n = 0; n < 3; n++) {
                for (int k = 0; k < 2; k++) {
                    double sum = bias[k];
                    for (int i = 0; i < 26; i++) {
                        double x =
                                i < 18
                                        ? b[18 * n + i]
                                        : i < 23 ? c[5 * n + i - 18] : table[3 * moves[n] + i - 23];
                        sum += w[26 * k + i] * x;
                    }
                    expected[2 * n + k] = sum;
                }
            }
            for (int round = 0; round < 2; round++) {
                NDList x = new NDList(board, move, clock);
                assertClose(expected, Tensors.values(network.predict(x)), 1e-5, "round " + round);
                network.compile(CompileOptions.DEFAULT, note -> fail(note));
            }
            IllegalArgumentException missing =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> network.predict(new NDList(board, move)));
            assertTrue(missing.getMessage().contains("\"clock\""), missing.getMessage());
            NDArray wide = Tensors.random(manager, 2, 3, 6);
            wide.setName("clock");
            IllegalArgumentException wrong =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> network.predict(new NDList(board, wide, move)));
            assertTrue(
                    wrong.getMessage().startsWith("clock: ")
                            && wrong.getMessage().contains("(-1, 5), found (3, 6)"),
                    wrong.getMessage());
        }
    }

    /** Sums one number of each output for one backward pass, also with activations recomputed. */
    @EachEngine
    void programsHaveTheGradientsOfAllOutputs(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        try (Network network = Nets.shaken(spec(TOWER), backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            NDList x = new NDList(Tensors.random(manager, 1, 4, 3, 6, 6));
            ParameterStore store = new ParameterStore(backend.manager(), false);
            Map<String, double[]> before = Nets.values(network.buffers());
            Map<String, double[]> expected =
                    step(network, manager, () -> ForwardResult.of(forward(network, store, x)));
            for (boolean recompute : new boolean[] {false, true}) {
                network.buffers().forEach((path, p) -> Tensors.set(p.getArray(), before.get(path)));
                CompileContext context =
                        new CompileContext(
                                network.block(),
                                network.state(),
                                backend,
                                CompileOptions.training(ComputeType.FLOAT32, recompute),
                                true,
                                false,
                                some -> forward(network, store, some),
                                note -> fail(note),
                                Quantization.NONE);
                try (Compiler compiler = new Compiler(context, some -> fail("no prompt"))) {
                    compiler.prepare(x);
                    Map<String, double[]> found =
                            step(
                                    network,
                                    manager,
                                    () -> compiler.recordAll(x, some -> fail("not compiled")));
                    expected.forEach((what, v) -> assertClose(v, found.get(what), 1e-4, what));
                }
            }
        }
    }

    private static NDList forward(Network network, ParameterStore store, NDList x) {
        return network.block().forward(ForwardPass.of(store, x, true), new NDList(x.head()));
    }

    private static Map<String, double[]> step(
            Network network, NDManager manager, Supplier<ForwardResult> pass) {
        Map<String, double[]> found = new LinkedHashMap<>();
        try (GradientCollector collector = network.backend().newGradientCollector()) {
            ForwardResult result = pass.get();
            NDArray loss = null;
            for (NDArray y : result.outputs()) {
                NDArray weights =
                        Tensors.random(manager, 7 + found.size(), y.getShape().getShape());
                NDArray part = y.mul(weights).sum();
                loss = loss == null ? part : loss.add(part);
                found.put("output " + found.size(), Tensors.values(y));
            }
            result.backward(collector, loss);
        }
        network.parameters()
                .forEach(
                        (path, p) -> {
                            double[] gradient = Tensors.values(p.getArray().getGradient());
                            assertTrue(Tensors.largest(gradient) > 0, path);
                            found.put("gradient of " + path, gradient);
                            // PyTorch adds to what is there.
                            p.getArray().getGradient().muli(0);
                        });
        Nets.values(network.buffers()).forEach((path, v) -> found.put("buffer " + path, v));
        return found;
    }
}
