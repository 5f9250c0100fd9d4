package io.residuum.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.residuum.emit.RuntimeChoice;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;

class CompilerTest {
    private static final String CONV =
            "{\"type\": \"conv2d\", \"filters\": 8, \"kernel\": 3, \"padding\": 1, \"bias\": %s}";
    private static final String NORM = "{\"type\": \"norm\", \"norm\": \"batch\"}";

    private static String conv(boolean bias) {
        return CONV.formatted(bias);
    }

    /** To one channel. */
    private static final String ONE = conv(true).replace("8", "1");

    private static String unit(String settings, String... branch) {
        return "{\"type\": \"residual\", %s \"branch\": [%s]}"
                .formatted(settings, String.join(",", branch));
    }

    private static final String BEFORE =
            "\"before\": {\"norm\": \"batch\", \"activation\": \"relu\"},";
    private static final String AFTER = "\"after\": {\"activation\": \"relu\"},";

    /**
     * Arrangements in which what a convolution computes is read more than once, a zero-padded
     * shortcut, and maps of one channel.
     */
    private static final List<String> NETWORKS =
            List.of(
                    String.join(",", conv(false), unit(BEFORE, conv(true))),
                    String.join(",", conv(false), unit(AFTER, conv(true), NORM)),
                    String.join(",", conv(true), unit("", conv(false), NORM), NORM),
                    String.join(
                            ",", conv(false), unit(BEFORE, conv(true)), unit(BEFORE, conv(true))),
                    String.join(",", conv(false), NORM, unit("", conv(true)), unit(AFTER, NORM)),
                    String.join(",", conv(true), unit("\"merge\": \"concat\",", conv(false))),
                    String.join(
                            ",", conv(false), unit("", unit(AFTER, conv(true)), conv(false), NORM)),
                    unit(
                            AFTER + "\"shortcut\": {\"type\": \"zeroPad\"},",
                            conv(false).replace("}", ", \"stride\": 2}"),
                            NORM),
                    String.join(",", ONE, unit("", ONE)));

    private static ModelSpec spec(String layers) {
        String json =
                "{\"format\": \"residuum/1\", \"name\": \"net\", \"input\": {\"type\": \"image\","
                        + " \"shape\": [3, 16, 16]}, \"network\": [%s, {\"type\":"
                        + " \"globalAveragePool\"}, {\"type\": \"linear\", \"units\": 10}]}";
        return SpecJson.standard().parse(json.formatted(layers), "net", ModelSpec.class);
    }

    @EachEngine
    void computesWhatTheNetworkDoes(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        for (String layers : NETWORKS) {
            try (Network network = Nets.shaken(spec(layers), backend, DataType.FLOAT32);
                    NDManager manager = backend.newManager()) {
                NDList x = new NDList(Tensors.random(manager, 1, 4, 3, 16, 16));
                double[] expected = Tensors.values(network.predict(x));
                network.compile(CompileOptions.DEFAULT, note -> fail(layers + ": " + note));
                Tensors.assertClose(expected, Tensors.values(network.predict(x)), 1e-5, layers);
            }
        }
    }

    @EachEngine
    @Timeout(60)
    void servesManyThreads(EngineChoice engine) throws Exception {
        Backend backend = Engines.backend(engine);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (Network network = Nets.shaken(spec(NETWORKS.get(3)), backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            List<double[]> expected = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                NDList x = new NDList(Tensors.random(manager, i, 1 + i, 3, 16, 16));
                expected.add(Tensors.values(network.predict(x)));
            }
            network.compile(CompileOptions.DEFAULT, note -> fail(note));
            List<Future<Void>> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                int mine = i;
                Callable<Void> work =
                        () -> {
                            for (int k = 0; k < 50; k++) {
                                try (NDManager own = backend.newManager()) {
                                    NDList x =
                                            new NDList(
                                                    Tensors.random(own, mine, 1 + mine, 3, 16, 16));
                                    Tensors.assertClose(
                                            expected.get(mine),
                                            Tensors.values(network.predict(x)),
                                            1e-5,
                                            "thread " + mine);
                                }
                            }
                            return null;
                        };
                all.add(threads.submit(work));
            }
            for (Future<Void> one : all) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @EachEngine
    void compilesSomeShapesAndSaysSo(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        List<String> notes = new ArrayList<>();
        // What it adds for a last window depends on the size.
        String pinned =
                "{\"type\": \"averagePool2d\", \"kernel\": 2, \"stride\": 2, \"ceil\": true,"
                        + " \"countIncludePad\": false}";
        predictsAtManySizes(backend, String.join(",", conv(true), pinned), notes);
        assertEquals(1, notes.size(), "once");
        assertTrue(notes.get(0).contains("more than 16 shapes"), notes.get(0));
    }

    @EachEngine
    void compilesOnceForImagesOfAnySize(EngineChoice engine) {
        List<String> notes = new ArrayList<>();
        for (String layers : NETWORKS) {
            predictsAtManySizes(Engines.backend(engine), layers, notes);
        }
        assertEquals(List.of(), notes);
    }

    private static void predictsAtManySizes(Backend backend, String layers, List<String> notes) {
        try (Network network = Nets.shaken(spec(layers), backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            network.compile(CompileOptions.DEFAULT, notes::add);
            for (int side = 4; side < 24; side++) {
                NDList x = new NDList(Tensors.random(manager, side, 2, 3, side, side + 1));
                Tensors.assertClose(
                        Tensors.values(network.forward(x, false)),
                        Tensors.values(network.predict(x)),
                        1e-5,
                        "side " + side);
            }
        }
    }

    @EachEngine
    void runsAFewTimesWithoutAProgram(EngineChoice engine) {
        CompileOptions late = CompileOptions.DEFAULT.withUncompiledRuns(2);
        assertEquals(2, uncompiled(engine, late));
        assertEquals(0, uncompiled(engine, CompileOptions.DEFAULT));
        assertEquals(0, uncompiled(engine, late.withRuntime(RuntimeChoice.ONNXRUNTIME)));
        if (engine == EngineChoice.PYTORCH) {
            CompileOptions other = CompileOptions.of(ComputeType.BFLOAT16).withUncompiledRuns(2);
            assertEquals(0, uncompiled(engine, other), "not in another type than later runs");
        }
    }

    /** {@return how many of five runs computed operation by operation} */
    private static int uncompiled(EngineChoice engine, CompileOptions options) {
        Backend backend = Engines.backend(engine);
        AtomicInteger calls = new AtomicInteger();
        try (Network network = Nets.shaken(spec(NETWORKS.get(0)), backend, DataType.FLOAT32);
                Compiler compiler = network.compiler(options, false, note -> fail(note));
                NDManager manager = backend.newManager()) {
            NDList x = new NDList(Tensors.random(manager, 1, 2, 3, 16, 16));
            double[] expected = Tensors.values(network.predict(x));
            double tolerance = options.compute() == ComputeType.FLOAT32 ? 1e-5 : 0.1;
            for (int i = 0; i < 5; i++) {
                NDArray found =
                        compiler.run(
                                x,
                                given -> {
                                    calls.incrementAndGet();
                                    return network.predict(given);
                                });
                Tensors.assertClose(expected, Tensors.values(found), tolerance, options.toString());
            }
        }
        return calls.get();
    }

    @EachEngine
    void isUndoneByAnotherCompiling(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        try (Network network = Nets.shaken(spec(NETWORKS.get(0)), backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            NDList x = new NDList(Tensors.random(manager, 1, 2, 3, 16, 16));
            List<Integer> arrays = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                network.compile(CompileOptions.DEFAULT, note -> fail(note));
                network.predict(x).close();
                arrays.add(backend.manager().getManagedArrays().size());
            }
            assertEquals(arrays.get(0), arrays.get(2));
        }
    }
}
