package io.residuum.graph.mxnet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.util.PairList;
import io.residuum.engine.Ops;
import io.residuum.graph.Batch;
import io.residuum.graph.mxnet.SymbolWriter.Statistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.StringJoiner;

/** The running means and variances of the norms that train. */
final class RunningStatistics {
    /** As many arrays as MXNet changes in one operation. */
    private static final int MOST = 60;

    private final List<Statistics> norms;
    private final List<NDArray> running = new ArrayList<>();

    RunningStatistics(List<Statistics> norms, Arguments arguments) {
        this.norms = norms;
        for (Statistics norm : norms) {
            running.add(Objects.requireNonNull(arguments.value(norm.mean())));
            running.add(Objects.requireNonNull(arguments.value(norm.variance())));
        }
    }

    /**
     * {@code running = (1 - momentum) running + momentum batch}, with the unbiased variance.
     *
     * @param batch the mean and the biased variance of each norm
     * @param x an input of the run
     */
    void update(NDList batch, NDArray x) {
        try (Ops.Pause pause = Ops.of(x.getManager()).pauseRecording()) {
            for (int from = 0; from < batch.size(); from += MOST) {
                int to = Math.min(batch.size(), from + MOST);
                update(batch, from, to, x);
            }
        }
    }

    /**
     * As steps of gradient descent with decay, of which MXNet takes many at once: {@code running -
     * rate (decay running - batch)}.
     */
    private void update(NDList batch, int from, int to, NDArray x) {
        NDArray[] in = new NDArray[2 * (to - from)];
        NDArray[] out = new NDArray[to - from];
        StringJoiner rates = new StringJoiner(",", "(", ")");
        StringJoiner decays = new StringJoiner(",", "(", ")");
        for (int i = from; i < to; i++) {
            Statistics norm = norms.get(i / 2);
            double scale = i % 2 == 0 ? 1 : unbiased(norm, x.getShape().get(0));
            rates.add(Double.toString(norm.momentum() * scale));
            decays.add(Double.toString(1 / scale));
            in[2 * (i - from)] = running.get(i);
            in[2 * (i - from) + 1] = batch.get(i);
            out[i - from] = running.get(i);
        }
        PairList<String, Object> params = new PairList<>();
        params.add("lrs", rates);
        params.add("wds", decays);
        params.add("rescale_grad", -1);
        params.add("num_weights", out.length);
        x.getManager().invoke("multi_sgd_update", in, out, params);
    }

    private static double unbiased(Statistics norm, long batch) {
        double n = (double) Batch.of(norm.x().shape(), batch).size() / norm.x().shape().get(1);
        return n > 1 ? n / (n - 1) : 1;
    }
}
