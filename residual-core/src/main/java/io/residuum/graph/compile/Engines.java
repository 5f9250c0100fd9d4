package io.residuum.graph.compile;

import io.residuum.engine.Backend;
import io.residuum.graph.CaptureException;
import io.residuum.graph.Graph;
import io.residuum.graph.Layouts;
import io.residuum.graph.Precision;
import io.residuum.graph.Target;
import io.residuum.graph.mxnet.MxnetTarget;
import io.residuum.graph.rewrite.FoldBatchNorm;
import io.residuum.graph.rewrite.RecognizeAttention;
import io.residuum.graph.rewrite.RecognizeGelu;
import io.residuum.graph.torch.TorchTarget;

/** What each engine runs, and which rewriting serves it. */
final class Engines {
    private Engines() {}

    private static boolean isPyTorch(Backend backend) {
        return backend.engine().getEngineName().equals("PyTorch");
    }

    static Target target(Backend backend, boolean training) {
        return isPyTorch(backend) ? new TorchTarget(!training) : new MxnetTarget(!training);
    }

    static Graph rewritten(Graph graph, Backend backend, CompileOptions options, boolean training) {
        Graph result = training ? graph : FoldBatchNorm.apply(graph);
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
            result = Layouts.channelsLast(result);
        }
        return options.compute() == ComputeType.FLOAT32
                ? result
                : Precision.lowered(result, options.compute().type());
    }
}
