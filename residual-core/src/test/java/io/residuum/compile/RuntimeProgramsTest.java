package io.residuum.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import io.residuum.emit.RuntimeChoice;
import io.residuum.emit.onnx.runtime.OnnxRuntimeTarget;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.files.UserCache;
import io.residuum.graph.Graph;
import io.residuum.graph.trace.Capture;
import io.residuum.graph.trace.CaptureException;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

class RuntimeProgramsTest {
    private static final CompileOptions ONNX =
            CompileOptions.DEFAULT.withRuntime(RuntimeChoice.ONNXRUNTIME);

    private static final ModelSpec SPEC =
            SpecJson.standard()
                    .parse(
                            """
                            {"format": "residuum/1", "name": "net",
                             "input": {"type": "image", "shape": [3, 16, 16]},
                             "network": [
                               {"type": "conv2d", "filters": 8, "kernel": 3, "padding": 1},
                               {"type": "residual",
                                "branch": [{"type": "conv2d", "filters": 8, "kernel": 3,
                                            "padding": 1, "bias": false},
                                           {"type": "norm"}],
                                "after": {"activation": "relu"}},
                               {"type": "globalAveragePool"},
                               {"type": "linear", "units": 10}]}
                            """,
                            "net",
                            ModelSpec.class);

    private static Network network(Backend backend) {
        return Nets.shaken(SPEC, backend, DataType.FLOAT32);
    }

    private static NDList images(NDManager manager, int batch, int side) {
        return new NDList(Tensors.random(manager, side, batch, 3, side, side + 1));
    }

    @EachEngine
    void onnxRuntimeComputesWhatTheNetworkDoes(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        try (Network network = network(backend);
                NDManager manager = backend.newManager()) {
            network.compile(ONNX, note -> fail(note));
            for (int side : new int[] {16, 7, 20}) {
                for (int batch : new int[] {2, 1}) {
                    NDList x = images(manager, batch, side);
                    NDArray found = network.predict(x);
                    NDArray expected = network.forward(x, false);
                    assertEquals(expected.getShape(), found.getShape());
                    Tensors.assertClose(
                            Tensors.values(expected), Tensors.values(found), 1e-5, "side " + side);
                }
            }
        }
    }

    @EachEngine
    void programsFollowTheParametersAndAreClosed(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        try (Network network = network(backend)) {
            network.compile(ONNX, note -> fail(note));
            List<Integer> arrays = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                try (NDManager manager = backend.newManager()) {
                    NDList x = images(manager, 2, 16);
                    double before = Tensors.values(network.predict(x))[0];
                    Tensors.set(network.parameters().get("3.bias").getArray(), Tensors.draw(i, 10));
                    network.parametersChanged();
                    double[] found = Tensors.values(network.predict(x));
                    assertNotEquals(before, found[0], 1e-3);
                    Tensors.assertClose(
                            Tensors.values(network.forward(x, false)), found, 1e-5, "update " + i);
                }
                arrays.add(backend.manager().getManagedArrays().size());
            }
            assertEquals(arrays.get(0), arrays.get(2));
        }
    }

    @EachEngine
    void severalThreadsShareASession(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        try (Network network = network(backend)) {
            network.compile(ONNX, note -> fail(note));
            IntStream.range(0, 64)
                    .parallel()
                    .forEach(
                            i -> {
                                try (NDManager own = backend.newManager()) {
                                    NDList x = images(own, 1 + i % 3, 16);
                                    Tensors.assertClose(
                                            Tensors.values(network.forward(x, false)),
                                            Tensors.values(network.predict(x)),
                                            1e-5,
                                            "call " + i);
                                }
                            });
        }
    }

    @EachEngine
    void autoMeasuresEachKindOfInputsOnceAndRemembers(EngineChoice engine) throws IOException {
        forgetRuntimes();
        List<String> measured = chosen(engine, 1, 4, 1, 5);
        assertEquals(2, measured.size(), "one sample, and several: " + measured);
        String times = "(engine|onnxruntime) for inputs \\(1, .* ms, engine .* ms";
        assertTrue(measured.get(0).matches(times), measured.get(0));
        List<String> remembered = chosen(engine, 1, 3);
        String first = measured.get(0).split(" ")[0];
        assertEquals(first + " for inputs (1, 3, 16, 17), as measured before", remembered.get(0));
        assertTrue(remembered.get(1).endsWith("as measured before"), remembered.get(1));
    }

    private static void forgetRuntimes() throws IOException {
        Path folder = UserCache.folder().resolve("runtimes");
        if (Files.exists(folder)) {
            MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
        }
    }

    /** In bfloat16 onnxruntime has no program, so nothing is measured. */
    @EachEngine
    void autoRemembersOnlyWhatItMeasured(EngineChoice engine) throws IOException {
        forgetRuntimes();
        Backend backend = Engines.backend(engine);
        CompileOptions bfloat16 = CompileOptions.of(ComputeType.BFLOAT16);
        try (Network network = network(backend);
                NDManager manager = backend.newManager()) {
            network.compile(bfloat16.withRuntime(RuntimeChoice.AUTO), note -> {});
            network.predict(images(manager, 2, 16));
        }
        String first = chosen(engine, 2).get(0);
        assertTrue(first.contains(" ms, engine "), first);
    }

    private static List<String> chosen(EngineChoice engine, int... batches) {
        Backend backend = Engines.backend(engine);
        List<String> notes = new ArrayList<>();
        CompileListener listener =
                new CompileListener() {
                    @Override
                    public void notCompiled(String reason) {
                        fail(reason);
                    }

                    @Override
                    public void runtimeChosen(RuntimeChoice choice, String why) {
                        notes.add(why);
                    }
                };
        try (Network network = network(backend);
                NDManager manager = backend.newManager()) {
            network.compile(CompileOptions.DEFAULT.withRuntime(RuntimeChoice.AUTO), listener);
            for (int batch : batches) {
                NDList x = images(manager, batch, 16);
                Tensors.assertClose(
                        Tensors.values(network.forward(x, false)),
                        Tensors.values(network.predict(x)),
                        1e-5,
                        "batch " + batch);
            }
        }
        return notes;
    }

    /** The library for CPUs refuses a GPU when the program is created, not at its first run. */
    @EachEngine
    void aMissingProviderIsFoundBeforeTheProgramRuns(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        try (Network network = network(backend);
                NDManager manager = backend.newManager()) {
            List<Capture.Source> sources =
                    List.of(
                            new Capture.Source(
                                    Capture.DATA, new Shape(-1, 3, -1, -1), DataType.FLOAT32));
            Graph graph = Capture.of(network.block(), sources, false);
            Map<String, NDArray> weights = new HashMap<>();
            network.state().forEach((path, p) -> weights.put(path, p.getArray()));
            var gpu = new OnnxRuntimeTarget(1, 0, Map.of());
            CaptureException e =
                    assertThrows(
                            CaptureException.class,
                            () -> gpu.program(graph, weights, List.of(), manager).close());
            assertTrue(e.getMessage().contains("has no CUDA"), e.getMessage());
        }
    }

    @EachEngine
    void whatOnnxRuntimeCannotDoRunsOnTheEngineAndIsNoted(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        List<String> notes = new ArrayList<>();
        CompileListener listener =
                new CompileListener() {
                    @Override
                    public void notCompiled(String reason) {
                        assertEquals(EngineChoice.MXNET, engine, reason);
                    }

                    @Override
                    public void onnxRuntimeNotUsed(String reason) {
                        notes.add(reason);
                    }
                };
        try (Network network = network(backend);
                NDManager manager = backend.newManager()) {
            network.compile(
                    CompileOptions.of(ComputeType.BFLOAT16).withRuntime(RuntimeChoice.ONNXRUNTIME),
                    listener);
            NDList x = images(manager, 2, 16);
            Tensors.assertClose(
                    Tensors.values(network.forward(x, false)),
                    Tensors.values(network.predict(x)),
                    0.1,
                    "bfloat16");
        }
        assertTrue(
                notes.get(0).contains("onnxruntime computes in float32 here, got bfloat16"),
                "" + notes);
    }
}
