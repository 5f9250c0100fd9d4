package io.residuum.engine;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.Buffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The operations of PyTorch. */
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
    public Supplier<float[]> fetch(NDArray array) {
        return array.getDevice().isGpu()
                ? PtTransfer.of(array.getDevice()).download((PtNDArray) array)
                : Ops.super.fetch(array);
    }

    @Override
    public void freeCachedMemory() {
        JniUtils.emptyCudaCache();
    }

    @Override
    public Optional<FusedOptimizer> fusedOptimizer(
            NDManager owner,
            List<NDArray> weights,
            List<NDArray> gradients,
            List<NDArray> first,
            List<NDArray> second) {
        return Optional.of(
                new PtFusedOptimizer((PtNDManager) owner, weights, gradients, first, second));
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
    public NDArray mul(NDArray x, Number number) {
        return apply(x, NDArray::mul, number);
    }

    @Override
    public NDArray div(NDArray x, Number number) {
        return apply(x, NDArray::div, number);
    }

    @Override
    public NDArray add(NDArray x, Number number) {
        return apply(x, NDArray::add, number);
    }

    @Override
    public NDArray sub(NDArray x, Number number) {
        return apply(x, NDArray::sub, number);
    }

    @Override
    public NDArray pow(NDArray x, Number number) {
        return apply(x, NDArray::pow, number);
    }

    @Override
    public NDArray maximum(NDArray x, Number number) {
        return apply(x, NDArray::maximum, number);
    }

    @Override
    public NDArray minimum(NDArray x, Number number) {
        return apply(x, NDArray::minimum, number);
    }

    @Override
    public NDArray silu(NDArray x) {
        return x.getNDArrayInternal().sigmoid().mul(x);
    }

    @Override
    public NDArray pad(NDArray x, Shape before, Shape after, double value) {
        Shape lastAxisFirst = new Shape();
        for (int axis = before.dimension() - 1; axis >= 0; axis--) {
            lastAxisFirst = lastAxisFirst.add(before.get(axis)).add(after.get(axis));
        }
        return x.pad(lastAxisFirst, value);
    }

    private static NDArray apply(NDArray x, BinaryOperator<NDArray> operation, Number number) {
        try (NDArray scalar = scalar(x, number)) {
            return operation.apply(x, scalar);
        }
    }

    /** Creates a scalar in libtorch's memory, which lives as long as libtorch refers to it. */
    private static NDArray scalar(NDArray x, Number number) {
        DataType type =
                number instanceof Float
                        ? DataType.FLOAT32
                        : number instanceof Double ? DataType.FLOAT64 : DataType.INT64;
        return JniUtils.full(
                (PtNDManager) x.getManager(),
                new Shape(),
                number.doubleValue(),
                type,
                x.getDevice(),
                SparseFormat.DENSE);
    }

    @Override
    public NDArray create(NDManager manager, Buffer values, Shape shape, DataType type) {
        if (shape.size() == 0) {
            return manager.create(values, shape, type);
        }
        if (manager.getDevice().isGpu()) {
            BaseNDManager.validateBuffer(values, type, Math.toIntExact(shape.size()));
            return PtTransfer.of(manager.getDevice())
                    .upload((PtNDManager) manager, values, shape, type);
        }
        // DJL's create would leave the array on Java memory. Views of it, and what autograd saves,
        // would read freed memory after it is closed and collected.
        BaseNDManager.validateBuffer(values, type, Math.toIntExact(shape.size()));
        NDArray array = manager.create(shape, type);
        BaseNDManager.copyBuffer(values, array.toByteBuffer(true));
        return array;
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
    public NDArray transposedConvolution(
            NDArray x, NDArray weight, @Nullable NDArray bias, TransposedWindow window) {
        String expression =
                TorchExpressions.transposedConvolution(
                        window, "x0", "x1", bias == null ? "None" : "x2");
        return bias == null
                ? PtFunctions.call(expression, x, weight)
                : PtFunctions.call(expression, x, weight, bias);
    }

    @Override
    public NDArray resize(NDArray x, long height, long width, Interpolation interpolation) {
        String size = "[%d, %d]".formatted(height, width);
        return PtFunctions.call(TorchExpressions.resize(interpolation, "x0", size), x);
    }

    @Override
    public NDList splitHeads(NDArray x, int width, int groups, int... heads) {
        long length = x.getShape().get(1);
        int parts = heads.length;
        boolean equalSizes = parts > 1 && Arrays.stream(heads).allMatch(h -> h == heads[0]);
        // Only the last reshape copies. One transpose comes before the slices: PyTorch adds up the
        // gradients of slices in arrays of zeros, and scattered slices take longer.
        try (NDArray split =
                        equalSizes
                                ? x.reshape(-1, length, parts, heads[0], width)
                                : x.reshape(-1, length, Arrays.stream(heads).sum(), width);
                NDArray headsFirst =
                        equalSizes ? split.transpose(2, 0, 3, 1, 4) : split.transpose(0, 2, 1, 3)) {
            NDList all = new NDList(parts);
            long from = 0;
            for (int i = 0; i < parts; i++) {
                long to = from + heads[i];
                long rows = heads[i] / groups * length;
                try (NDArray part =
                        equalSizes ? headsFirst.get(i) : headsFirst.get(":, {}:{}", from, to)) {
                    all.add(part.reshape(-1, rows, width));
                }
                from = to;
            }
            return all;
        }
    }
}
