package io.residuum.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.jni.JniUtils;
import java.util.Arrays;

/** PyTorch. */
enum PtOps implements Ops {
    INSTANCE;

    @Override
    public int threads() {
        return JniUtils.getNumThreads();
    }

    @Override
    public boolean closingWaits() {
        return false;
    }

    @Override
    public boolean recording() {
        return JniUtils.isGradMode();
    }

    @Override
    public Pause exclusive() {
        return () -> {};
    }

    @Override
    public Pause pauseRecording() {
        boolean before = JniUtils.isGradMode();
        JniUtils.setGradMode(false);
        return () -> JniUtils.setGradMode(before);
    }

    @Override
    public boolean overwritesGradients() {
        return false;
    }

    @Override
    public NDArray batchNormTraining(
            NDArray x,
            NDArray gamma,
            NDArray beta,
            NDArray runningMean,
            NDArray runningVar,
            float eps,
            float momentum) {
        // DJL's momentum is the weight of the old statistics.
        return x.getNDArrayInternal()
                .batchNorm(x, runningMean, runningVar, gamma, beta, 1, 1 - momentum, eps, true)
                .head();
    }

    @Override
    public NDArray batchNormInference(
            NDArray x, NDArray gamma, NDArray beta, NDArray mean, NDArray variance, float eps) {
        return x.getNDArrayInternal()
                .batchNorm(x, mean, variance, gamma, beta, 1, 1f, eps, false)
                .head();
    }

    @Override
    public NDArray layerNorm(NDArray x, NDArray gamma, NDArray beta, float eps) {
        return x.getNDArrayInternal().layerNorm(x, gamma.getShape(), gamma, beta, eps).head();
    }

    @Override
    public NDArray dropout(NDArray x, float rate) {
        return x.getNDArrayInternal().dropout(x, rate, true).head();
    }

    @Override
    public NDArray batchedProduct(NDArray a, NDArray b) {
        return a.matMul(b);
    }

    @Override
    public NDArray batchedProductTransposed(NDArray a, NDArray b) {
        try (NDArray view = b.transpose(0, 2, 1)) {
            return a.matMul(view);
        }
    }

    @Override
    public NDList splitHeads(NDArray x, int width, int groups, int... heads) {
        long length = x.getShape().get(1);
        int parts = heads.length;
        boolean alike = parts > 1 && Arrays.stream(heads).allMatch(h -> h == heads[0]);
        // Views: only the last reshape copies. Transposed as a whole, since the gradient of slices
        // is summed in arrays of zeros, which takes longer the more scattered they are.
        try (NDArray split =
                        alike
                                ? x.reshape(-1, length, parts, heads[0], width)
                                : x.reshape(-1, length, Arrays.stream(heads).sum(), width);
                NDArray headsFirst =
                        alike ? split.transpose(2, 0, 3, 1, 4) : split.transpose(0, 2, 1, 3)) {
            NDList all = new NDList(parts);
            long from = 0;
            for (int i = 0; i < parts; i++) {
                long to = from + heads[i];
                long rows = heads[i] / groups * length;
                try (NDArray part =
                        alike ? headsFirst.get(i) : headsFirst.get(":, {}:{}", from, to)) {
                    all.add(part.reshape(-1, rows, width));
                }
                from = to;
            }
            return all;
        }
    }
}
