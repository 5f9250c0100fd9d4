package io.residuum.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.jni.JniUtils;

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
}
