package io.residuum.emit;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.residuum.emit.mxnet.MxnetTarget;
import io.residuum.emit.onnx.runtime.OnnxRuntimeTarget;
import io.residuum.emit.torch.TorchTarget;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.graph.Target;
import io.residuum.graph.rewrite.ChannelsLast;
import io.residuum.graph.rewrite.FoldBatchNorm;
import io.residuum.graph.rewrite.MergeConvolutions;
import io.residuum.graph.rewrite.MergeReshapes;
import io.residuum.graph.rewrite.MixedPrecision;
import io.residuum.graph.rewrite.PadAsConvolution;
import io.residuum.graph.rewrite.Pass;
import io.residuum.graph.rewrite.RecognizeActivations;
import io.residuum.graph.rewrite.RecognizeAttention;
import io.residuum.graph.trace.Capture;
import io.residuum.graph.trace.CaptureException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Selects the target that runs graphs, and the rewriting passes for it.
 *
 * @param backend the engine and its device
 * @param training true for programs that compute as in training
 * @param runtime the engine or onnxruntime; training runs on the engine
 * @param quantization the quantized layers
 */
public record Targets(
        Backend backend, boolean training, RuntimeChoice runtime, Quantization quantization) {
    /** The weight layout for this batch size is fast for any batch size except one. */
    private static final int USUAL_BATCH = 16;

    private boolean isPyTorch() {
        return backend.choice() == EngineChoice.PYTORCH;
    }

    private boolean isOnnxRuntime() {
        return runtime == RuntimeChoice.ONNXRUNTIME && !training;
    }

    /**
     * {@return the target that runs programs}
     *
     * @param single true for batches of one sample; a program for inference is fast either for one
     *     sample or for many
     */
    public Target target(boolean single) {
        if (isOnnxRuntime()) {
            Device device = backend.device();
            return new OnnxRuntimeTarget(
                    backend.ops().threads(),
                    device.isGpu() ? device.getDeviceId() : -1,
                    quantization.formats());
        }
        if (!isPyTorch()) {
            return new MxnetTarget(!training);
        }
        return training ? new TorchTarget() : TorchTarget.fused(single ? 1 : USUAL_BATCH);
    }

    /** {@return the target of the engine that returns any node of a graph: it fuses none} */
    public Target unfused() {
        return isPyTorch() ? new TorchTarget() : new MxnetTarget(false);
    }

    /**
     * Returns true if a program for one image size and one batch size is faster than a general one.
     */
    public boolean isFasterAtOneSize(List<Capture.Source> inputs) {
        boolean images = inputs.get(0).shape().dimension() == 4;
        // PyTorch's fused convolutions read weights in a layout that depends on the image size.
        return !training && images && isPyTorch() && !isOnnxRuntime() && !backend.device().isGpu();
    }

    /**
     * {@return the passes to apply to captured graphs, in order}
     *
     * @param compute the type in which convolutions and matrix products compute
     * @param channelsLast true for images in channels-last layout; PyTorch only
     * @throws CaptureException if the engine or runtime does not compute in that type
     */
    public List<Pass> passes(DataType compute, boolean channelsLast) {
        boolean mixed = compute != DataType.FLOAT32;
        if (isOnnxRuntime()) {
            if (mixed) {
                throw new CaptureException(
                        "onnxruntime computes in float32 here, got %s: use the runtime engine"
                                .formatted(compute.name().toLowerCase(Locale.ROOT)));
            }
            // A session folds and fuses by itself.
            return quantization.passes();
        }
        if (mixed && !isPyTorch()) {
            throw new CaptureException(
                    "%s needs the PyTorch engine, got %s: use --engine pytorch, or float32"
                            .formatted(
                                    compute.name().toLowerCase(Locale.ROOT),
                                    backend.engine().getEngineName()));
        }
        List<Pass> passes = new ArrayList<>();
        if (quantization.dynamic()) {
            throw new CaptureException(
                    "activations of 8 bits by their range in each run need onnxruntime, got"
                            + " the engine %s: use --runtime onnxruntime"
                                    .formatted(backend.engine().getEngineName()));
        }
        if (mixed && quantization.quantizesActivations()) {
            throw new CaptureException(
                    "a network quantized to 8 bits computes its other layers in float32, got %s"
                            .formatted(compute.name().toLowerCase(Locale.ROOT)));
        }
        passes.addAll(quantization.passes());
        if (!training) {
            passes.add(new FoldBatchNorm());
            passes.add(new MergeConvolutions());
            passes.add(new PadAsConvolution());
        }
        if (isPyTorch() || !training) {
            passes.add(new RecognizeActivations());
        }
        if (isPyTorch()) {
            passes.add(new RecognizeAttention());
        }
        if (!training) {
            passes.add(new MergeReshapes());
        }
        if (isPyTorch() && channelsLast) {
            passes.add(new ChannelsLast());
        }
        if (mixed) {
            passes.add(new MixedPrecision(compute, backend.device().isGpu()));
        }
        return passes;
    }
}
