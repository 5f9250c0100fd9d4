package io.residuum.emit;

import ai.djl.ndarray.types.DataType;
import io.residuum.emit.mxnet.MxnetTarget;
import io.residuum.emit.torch.TorchTarget;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.graph.Target;
import io.residuum.graph.rewrite.ChannelsLast;
import io.residuum.graph.rewrite.FoldBatchNorm;
import io.residuum.graph.rewrite.MixedPrecision;
import io.residuum.graph.rewrite.PadAsConvolution;
import io.residuum.graph.rewrite.Pass;
import io.residuum.graph.rewrite.RecognizeAttention;
import io.residuum.graph.rewrite.RecognizeGelu;
import io.residuum.graph.trace.Capture;
import io.residuum.graph.trace.CaptureException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The target that runs graphs on an engine, and the passes that serve it.
 *
 * @param backend the engine and its device
 * @param training whether programs compute as in training
 */
public record Targets(Backend backend, boolean training) {
    /** Weights in the order that is good for this batch are good for any batch but one. */
    private static final int USUAL_BATCH = 16;

    private boolean isPyTorch() {
        return backend.choice() == EngineChoice.PYTORCH;
    }

    /**
     * Returns what runs programs.
     *
     * @param single whether the batch is one: programs for inference are faster for one sample or
     *     for many
     */
    public Target target(boolean single) {
        if (!isPyTorch()) {
            return new MxnetTarget(!training);
        }
        return training ? new TorchTarget() : TorchTarget.fused(single ? 1 : USUAL_BATCH);
    }

    /** Returns true if programs for images of one size, and for one image, are faster. */
    public boolean isFasterAtOneSize(List<Capture.Source> inputs) {
        boolean images = inputs.get(0).shape().dimension() == 4;
        // The order of weights that PyTorch's fused convolutions read is that for a size.
        return !training && images && isPyTorch() && !backend.device().isGpu();
    }

    /**
     * Returns the passes to apply to captured graphs, in order.
     *
     * @param compute what convolutions and matrix products compute in
     * @param channelsLast whether the channels of images lie beside each other; PyTorch only
     * @throws CaptureException if the engine does not compute in that type
     */
    public List<Pass> passes(DataType compute, boolean channelsLast) {
        boolean mixed = compute != DataType.FLOAT32;
        if (mixed && !isPyTorch()) {
            throw new CaptureException(
                    compute.name().toLowerCase(Locale.ROOT)
                            + " needs the PyTorch engine, found "
                            + backend.engine().getEngineName()
                            + ": use --engine pytorch, or float32");
        }
        List<Pass> passes = new ArrayList<>();
        if (!training) {
            passes.add(new FoldBatchNorm());
            passes.add(new PadAsConvolution());
        }
        if (isPyTorch()) {
            passes.add(new RecognizeGelu());
            passes.add(new RecognizeAttention());
            if (channelsLast) {
                passes.add(new ChannelsLast());
            }
        }
        if (mixed) {
            passes.add(new MixedPrecision(compute, backend.device().isGpu()));
        }
        return passes;
    }
}
