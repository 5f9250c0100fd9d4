package io.residuum.compile;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import io.residuum.emit.Quantization;
import io.residuum.emit.RuntimeChoice;
import io.residuum.emit.Targets;
import io.residuum.emit.onnx.runtime.OnnxRuntimeTarget;
import io.residuum.engine.Backend;
import io.residuum.graph.Graph;
import io.residuum.graph.rewrite.Pass;
import io.residuum.graph.trace.Capture;
import io.residuum.nn.Layer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A network to compile, with the options.
 *
 * @param network a complete network
 * @param parameters parameters and buffers by path, initialized on the backend
 * @param backend the backend
 * @param options the options
 * @param training true for programs that compute as in training, recorded for gradients
 * @param prompts true for programs of a language model's first pass over sequences, with the arrays
 *     for its cache as further outputs
 * @param withoutDropout computes all outputs operation by operation, in training mode if {@code
 *     training} is true, but without dropout; programs are compared with it
 * @param listener receives why something is not compiled
 * @param quantization the quantized layers
 */
public record CompileContext(
        Layer network,
        Map<String, Parameter> parameters,
        Backend backend,
        CompileOptions options,
        boolean training,
        boolean prompts,
        Function<NDList, NDList> withoutDropout,
        CompileListener listener,
        Quantization quantization) {

    /** Returns the type of the parameters; float32 if there are none. */
    DataType type() {
        return parameters.values().stream()
                .findFirst()
                .map(p -> p.getArray().getDataType())
                .orElse(DataType.FLOAT32);
    }

    /** Returns the same network for its engine. */
    CompileContext forEngine() {
        return with(RuntimeChoice.ENGINE, listener, quantization);
    }

    /**
     * Returns the same network for onnxruntime; empty if it is not wanted.
     *
     * @throws io.residuum.graph.trace.CaptureException if it is asked for and missing
     */
    Optional<CompileContext> forOnnxRuntime() {
        RuntimeChoice wanted = options.runtime();
        if (wanted == RuntimeChoice.ONNXRUNTIME) {
            OnnxRuntimeTarget.require();
        }
        if (training || wanted == RuntimeChoice.ENGINE || !OnnxRuntimeTarget.isAvailable()) {
            return Optional.empty();
        }
        CompileListener prefixed =
                reason -> listener.onnxRuntimeNotUsed("onnxruntime is not used; " + reason);
        return Optional.of(with(RuntimeChoice.ONNXRUNTIME, prefixed, quantization));
    }

    /** Returns the same network with activations in float. */
    CompileContext withFloatActivations() {
        return with(options.runtime(), listener, quantization.weightsOnly());
    }

    private CompileContext with(
            RuntimeChoice runtime, CompileListener other, Quantization changed) {
        return new CompileContext(
                network,
                parameters,
                backend,
                options.withRuntime(runtime),
                training,
                prompts,
                withoutDropout,
                other,
                changed);
    }

    /**
     * Returns the same network for programs of prompts, with activations in float.
     *
     * @param prompt computes the first pass and its arrays operation by operation
     */
    CompileContext forPrompts(Function<NDList, NDList> prompt) {
        // Two runtimes would have to compile and measure before they gain anything.
        boolean onnxRuntime =
                options.runtime() == RuntimeChoice.ONNXRUNTIME && OnnxRuntimeTarget.isAvailable();
        return new CompileContext(
                network,
                parameters,
                backend,
                options.withRuntime(onnxRuntime ? RuntimeChoice.ONNXRUNTIME : RuntimeChoice.ENGINE),
                false,
                true,
                prompt,
                reason -> listener.notCompiled("prompts run operation by operation; " + reason),
                quantization.weightsOnly());
    }

    /**
     * Returns the number of first runs that need no program. It is 0 if a program computes other
     * values than the operations.
     */
    int uncompiledRuns() {
        boolean same =
                options.compute() == ComputeType.FLOAT32
                        && options.runtime() == RuntimeChoice.ENGINE
                        && !quantization.quantizesActivations();
        return same && !training ? options.uncompiledRuns() : 0;
    }

    /** Captures the network for inputs. */
    Graph captured(List<Capture.Source> inputs) {
        return prompts ? Capture.ofPrompt(network, inputs) : Capture.of(network, inputs, training);
    }

    Targets targets() {
        return new Targets(backend, training, options.runtime(), quantization);
    }

    Graph rewritten(Graph captured, ComputeType compute) {
        return Pass.all(targets().passes(compute.type(), options.channelsLast()), captured);
    }
}
