package io.residuum.compile;

import io.residuum.emit.mxnet.MxnetTarget;
import io.residuum.emit.torch.TorchTarget;
import io.residuum.engine.Backend;
import io.residuum.graph.Graph;
import io.residuum.graph.Target;
import io.residuum.graph.rewrite.ChannelsLast;
import io.residuum.graph.rewrite.FoldBatchNorm;
import io.residuum.graph.rewrite.MixedPrecision;
import io.residuum.graph.rewrite.PadAsConvolution;
import io.residuum.graph.rewrite.RecognizeAttention;
import io.residuum.graph.rewrite.RecognizeGelu;
import io.residuum.graph.trace.Capture;
import io.residuum.graph.trace.CaptureException;
import java.util.List;

/** What each engine runs, and which rewriting serves it. */
final class Targets {
    /** The order of weights that is good for it is good for any batch but one. */
    private static final int USUAL_BATCH = 16;

    private Targets() {}

    private static boolean isPyTorch(Backend backend) {
        return backend.engine().getEngineName().equals("PyTorch");
    }

    /** What runs programs; those for inference are faster for one sample or for many. */
    static Target target(Backend backend, boolean training, boolean single) {
        if (!isPyTorch(backend)) {
            return new MxnetTarget(!training);
        }
        return training ? new TorchTarget() : TorchTarget.fused(single ? 1 : USUAL_BATCH);
    }

    /** Whether programs for images of one size, and for one image, are faster than one for any. */
    static boolean isFasterAtOneSize(Backend backend, List<Capture.Source> inputs) {
        boolean images = inputs.get(0).shape().dimension() == 4;
        // The order of weights that PyTorch's fused convolutions read is that for a size.
        return images && isPyTorch(backend) && !backend.manager().getDevice().isGpu();
    }

    static Graph rewritten(Graph graph, Backend backend, CompileOptions options, boolean training) {
        Graph result = training ? graph : PadAsConvolution.apply(FoldBatchNorm.apply(graph));
        if (!isPyTorch(backend)) {
            if (options.compute() != ComputeType.FLOAT32) {
                throw new CaptureException(
                        options.compute()
                                + " needs the PyTorch engine, found "
                                + backend.engine().getEngineName()
                                + ": use --engine pytorch, or float32");
            }
            return result;
        }
        result = RecognizeAttention.apply(RecognizeGelu.apply(result));
        if (options.channelsLast()) {
            result = ChannelsLast.channelsLast(result);
        }
        return options.compute() == ComputeType.FLOAT32
                ? result
                : MixedPrecision.lowered(
                        result, options.compute().type(), backend.device().isGpu());
    }
}
