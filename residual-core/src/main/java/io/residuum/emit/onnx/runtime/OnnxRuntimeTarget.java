package io.residuum.emit.onnx.runtime;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.residuum.graph.Graph;
import io.residuum.graph.Program;
import io.residuum.graph.Target;
import io.residuum.graph.trace.CaptureException;
import io.residuum.weights.quantized.QuantizedFormat;
import java.util.List;
import java.util.Map;

/**
 * Runs a graph for inference on onnxruntime, in this process. The session copies the weights, and
 * copies inputs and outputs between its memory and the engine's, unless the engine lends its own.
 *
 * @param threads the threads of a run
 * @param gpu the number of the GPU; -1 for the CPU
 * @param quantized the formats of weights that the session holds as integers, by path
 */
public record OnnxRuntimeTarget(int threads, int gpu, Map<String, QuantizedFormat> quantized)
        implements Target {
    private static final String LIBRARY = "com.microsoft.onnxruntime:onnxruntime";

    /** {@return true if the libraries are on the class path} */
    public static boolean isAvailable() {
        return has("ai.onnxruntime.OrtEnvironment") && has("ai.onnx.proto.OnnxMl");
    }

    private static boolean has(String name) {
        try {
            Class.forName(name, false, OnnxRuntimeTarget.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /** {@return the version of the library, which must be there} */
    public static String version() {
        return OnnxRuntimeProgram.version();
    }

    /**
     * Fails without the libraries.
     *
     * @throws CaptureException naming the artifacts to add
     */
    public static void require() {
        if (!isAvailable()) {
            throw new CaptureException(
                    "the runtime onnxruntime needs "
                            + LIBRARY
                            + " (for GPUs "
                            + LIBRARY
                            + "_gpu) and org.tribuo:tribuo-util-onnx on the class path");
        }
    }

    @Override
    public boolean servesAnySize(Graph graph) {
        return true;
    }

    /** Returns true: a session computes values that depend only on weights when it is created. */
    @Override
    public boolean foldsConstants() {
        return true;
    }

    @Override
    public Program program(
            Graph graph, Map<String, NDArray> weights, List<NDArray> prepared, NDManager owner) {
        require();
        return OnnxRuntimeProgram.of(graph, weights, this);
    }
}
