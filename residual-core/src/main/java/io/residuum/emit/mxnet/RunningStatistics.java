package io.residuum.emit.mxnet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.PairList;
import io.residuum.emit.mxnet.SymbolWriter.Statistics;
import io.residuum.engine.Ops;
import io.residuum.graph.LeafArrays;
import java.util.ArrayList;
import java.util.List;

/** The running means and variances of the batch norms in training. */
final class RunningStatistics {
    private final List<Statistics> norms;
    private final List<NDArray> running = new ArrayList<>();

    RunningStatistics(List<Statistics> norms, LeafArrays arguments) {
        this.norms = norms;
        for (Statistics norm : norms) {
            running.add(arguments.value(norm.mean()));
            running.add(arguments.value(norm.variance()));
        }
    }

    /**
     * Updates {@code running = (1 - momentum) running + momentum batch}; variances are unbiased.
     *
     * @param batch the mean and the biased variance of each norm
     * @param x an input of the run
     */
    void update(NDList batch, NDArray x) {
        NDManager manager = x.getManager();
        try (Ops.Pause pause = Ops.of(manager).pauseRecording()) {
            for (int i = 0; i < batch.size(); i++) {
                Statistics norm = norms.get(i / 2);
                double scale = i % 2 == 0 ? 1 : unbiased(norm, x.getShape().get(0));
                step(running.get(i), batch.get(i), norm.momentum() * scale, 1 / scale, manager);
            }
        }
    }

    /** Computes {@code value += rate (other - decay value)} by MXNet's gradient descent step. */
    private static void step(
            NDArray value, NDArray other, double rate, double decay, NDManager manager) {
        PairList<String, Object> params = new PairList<>();
        params.add("lr", rate);
        params.add("wd", decay);
        params.add("rescale_grad", -1);
        manager.invoke("sgd_update", new NDArray[] {value, other}, new NDArray[] {value}, params);
    }

    private static double unbiased(Statistics norm, long batch) {
        Shape shape = norm.x().shape().at(batch);
        double n = (double) shape.size() / shape.get(1);
        return n > 1 ? n / (n - 1) : 1;
    }
}
