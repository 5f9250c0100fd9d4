package io.residuum.engine;

import ai.djl.mxnet.jna.JnaUtils;
import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.PairList;
import java.lang.ref.Reference;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The operations of MXNet. */
enum MxOps implements Ops {
    INSTANCE;

    /** One lock for all backends, because they share the engine's scratch memory. */
    private final ReentrantLock queueLock = new ReentrantLock();

    @Override
    public int threads() {
        return HostSettings.threads(EngineChoice.MXNET);
    }

    @Override
    public boolean closingWaits() {
        return true;
    }

    @Override
    public boolean recording() {
        return JnaUtils.autogradIsRecording();
    }

    @Override
    public Pause pauseRecording() {
        queueLock.lock();
        // Under a collector MXNet is also in training mode, where a norm cannot be evaluated.
        boolean recorded = JnaUtils.autogradSetIsRecording(false);
        boolean trained = JnaUtils.autogradSetTraining(false);
        return () -> {
            JnaUtils.autogradSetIsRecording(recorded);
            JnaUtils.autogradSetTraining(trained);
            queueLock.unlock();
        };
    }

    @Override
    public Pause exclusive() {
        queueLock.lock();
        return queueLock::unlock;
    }

    /**
     * Copies values through a buffer that stays reachable. DJL hands its own buffer's address to
     * MXNet and drops the buffer, which another thread's garbage collection may then free before
     * MXNet has read it.
     */
    @Override
    public NDArray create(NDManager manager, Buffer values, Shape shape, DataType type) {
        int count = Math.toIntExact(shape.size());
        BaseNDManager.validateBuffer(values, type, count);
        ByteBuffer copy =
                ByteBuffer.allocateDirect(Math.multiplyExact(count, type.getNumOfBytes()))
                        .order(ByteOrder.nativeOrder());
        BaseNDManager.copyBuffer(values, copy);
        NDArray array = manager.create(shape, type);
        try {
            array.set(copy);
        } finally {
            Reference.reachabilityFence(copy);
        }
        return array;
    }

    @Override
    public boolean overwritesGradients() {
        return true;
    }

    @Override
    public boolean recomputingSavesMemory() {
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
        NDManager manager = x.getManager();
        // MXNet adds the biased variance to the running statistics, and only in the backward pass.
        // So it gets scratch statistics, which momentum 1 leaves unchanged. Its extra outputs are
        // the mean of the batch and 1 / sqrt(var + eps).
        NDArray scratchMean = manager.zeros(runningMean.getShape(), runningMean.getDataType());
        NDArray scratchVar = manager.ones(runningVar.getShape(), runningVar.getDataType());
        NDList in = new NDList(x, gamma, beta, scratchMean, scratchVar);
        PairList<String, Object> params = normParams(eps, false);
        NDList out = training(() -> manager.invoke("BatchNorm", in, params));
        long n = x.size() / runningMean.size();
        float unbiased = n > 1 ? (float) n / (n - 1) : 1f;
        try (Pause pause = pauseRecording()) {
            NDArray variance = out.get(2).pow(-2).sub(eps);
            runningMean.muli(1 - momentum).addi(out.get(1).mul(momentum));
            runningVar.muli(1 - momentum).addi(variance.mul(momentum * unbiased));
        }
        return out.head();
    }

    @Override
    public NDArray batchNormInference(
            NDArray x, NDArray gamma, NDArray beta, NDArray mean, NDArray variance, float eps) {
        // oneDNN's norm of vectors that are a view of pooled images may end the process.
        if (!recording() && x.getShape().dimension() > 2) {
            return x.getNDArrayInternal()
                    .batchNorm(x, mean, variance, gamma, beta, 1, 1f, eps, false)
                    .head();
        }
        // MXNet cannot evaluate a norm while it records, so this is an affine map of each channel.
        long[] dims = new long[x.getShape().dimension()];
        Arrays.fill(dims, 1);
        dims[1] = gamma.size();
        Shape broadcast = new Shape(dims);
        NDArray scale = own(x, variance.add(eps)).pow(-0.5).mul(gamma);
        NDArray shift = scale.mul(mean).neg().add(beta);
        return x.mul(scale.reshape(broadcast)).add(shift.reshape(broadcast));
    }

    @Override
    public NDArray meanOfImages(NDArray x) {
        // The gradient of pooling has a memory layout without fast oneDNN kernels. All norms that
        // it reaches become a hundred times slower.
        return recording() ? x.mean(new int[] {2, 3}, true) : Ops.super.meanOfImages(x);
    }

    @Override
    public NDArray pad(NDArray x, Shape before, Shape after, double value) {
        if (before.dimension() == 1) {
            // MXNet pads images and volumes only.
            Shape none = new Shape(0);
            return pad(x.expandDims(2), none.addAll(before), none.addAll(after), value).squeeze(2);
        }
        PairList<String, Object> params = new PairList<>();
        params.add("mode", "constant");
        Shape widths = new Shape(0, 0, 0, 0);
        for (int axis = 0; axis < before.dimension(); axis++) {
            widths = widths.add(before.get(axis)).add(after.get(axis));
        }
        params.add("pad_width", widths);
        // MXNet's parameters have no infinities.
        params.add("constant_value", Math.max(value, -Float.MAX_VALUE));
        return x.getManager().invoke("Pad", new NDList(x), params).singletonOrThrow();
    }

    /** Moves a result to x's manager: a result of parameters alone would never be freed. */
    private static NDArray own(NDArray x, NDArray result) {
        result.attach(x.getManager());
        return result;
    }

    @Override
    public NDArray layerNorm(NDArray x, NDArray gamma, NDArray beta, float eps) {
        Shape shape = x.getShape();
        long width = gamma.size();
        long rows = x.size() / width;
        if (!recording() || x.getDataType() != DataType.FLOAT32) {
            return x.getNDArrayInternal().layerNorm(x, gamma.getShape(), gamma, beta, eps).head();
        }
        // The gradient of MXNet's layer norm takes several times as long as its batch norm's, which
        // computes the same if every row is a channel.
        NDArray normal =
                channelNorm(
                        x.reshape(1, rows, width, 1),
                        x.getManager().ones(new Shape(rows)),
                        x.getManager().zeros(new Shape(rows)),
                        eps,
                        false);
        return affine(normal.reshape(shape), shape.dimension() - 1, gamma, beta);
    }

    @Override
    public NDArray affine(NDArray x, int axis, NDArray factors, @Nullable NDArray offsets) {
        if (!recording() || x.getDataType() != DataType.FLOAT32) {
            return Ops.super.affine(x, axis, factors, offsets);
        }
        // In MXNet the gradient of a broadcast product takes twice as long as a norm's.
        Shape shape = x.getShape();
        long outer = shape.slice(0, axis).size();
        NDArray beta = offsets == null ? x.getManager().zeros(factors.getShape()) : offsets;
        NDArray channels = x.reshape(outer, factors.size(), -1, 1);
        return channelNorm(channels, factors, beta, 0, true).reshape(shape);
    }

    private static NDArray channelNorm(
            NDArray x, NDArray gamma, NDArray beta, float eps, boolean globalStats) {
        NDManager manager = x.getManager();
        NDArray mean = manager.zeros(gamma.getShape());
        NDArray variance = manager.ones(gamma.getShape());
        NDList in = new NDList(x, gamma, beta, mean, variance);
        PairList<String, Object> params = normParams(eps, globalStats);
        return training(() -> manager.invoke("BatchNorm", in, params)).head();
    }

    /** Asks for the statistics, also where nobody reads them: oneDNN cannot normalize views. */
    private static PairList<String, Object> normParams(float eps, boolean globalStats) {
        PairList<String, Object> params = new PairList<>();
        params.add("eps", eps);
        params.add("momentum", 1);
        params.add("fix_gamma", false);
        params.add("use_global_stats", globalStats);
        params.add("axis", 1);
        params.add("output_mean_var", true);
        return params;
    }

    @Override
    public NDArray dropout(NDArray x, float rate) {
        return training(() -> x.getNDArrayInternal().dropout(x, rate, true)).head();
    }

    /** Runs norms or dropout in training mode, even if no collector is open. */
    private static NDList training(Supplier<NDList> operation) {
        boolean before = JnaUtils.autogradSetTraining(true);
        try {
            return operation.get();
        } finally {
            JnaUtils.autogradSetTraining(before);
        }
    }

    @Override
    public NDArray batchedProduct(NDArray a, NDArray b) {
        return a.batchDot(b);
    }

    @Override
    public NDArray batchedProductTransposed(NDArray a, NDArray b) {
        PairList<String, Object> params = new PairList<>();
        params.add("transpose_b", true);
        return a.getManager().invoke("batch_dot", new NDList(a, b), params).head();
    }

    /** Reads the arrays once instead of ten times. */
    @Override
    public void adam(
            NDArray weight,
            NDArray gradient,
            NDArray mean,
            NDArray square,
            Adam settings,
            NDManager scratch) {
        PairList<String, Object> params = new PairList<>();
        params.add("lr", settings.step());
        params.add("beta1", settings.beta1());
        params.add("beta2", settings.beta2());
        params.add("epsilon", settings.eps());
        params.add("lazy_update", false);
        scratch.invoke(
                "adam_update",
                new NDArray[] {weight, gradient, mean, square},
                new NDArray[] {weight},
                params);
    }

    /** Avoids MXNet's broadcasting sum, whose gradient is copied twice. */
    @Override
    public NDArray add(NDArray a, NDArray b) {
        if (!a.getShape().equals(b.getShape())) {
            return a.add(b);
        }
        return a.getManager()
                .invoke("elemwise_add", new NDList(a, b), new PairList<>())
                .singletonOrThrow();
    }

    /** Broadcasts before the sum: the gradient of a broadcasting sum takes six times as long. */
    @Override
    public NDArray addend(NDArray constant, Shape shape) {
        return recording() ? constant.broadcast(shape) : constant;
    }

    /** Avoids NDArray.set, which closes a copy of the rows and so waits until they are computed. */
    @Override
    public void write(NDArray target, long at, NDArray rows) {
        Shape shape = target.getShape();
        PairList<String, Object> params = new PairList<>();
        params.add("begin", new Shape(0, at, 0));
        params.add("end", new Shape(shape.get(0), at + rows.getShape().get(1), shape.get(2)));
        params.add("step", new Shape(1, 1, 1));
        target.getManager()
                .invoke(
                        "_npi_slice_assign",
                        new NDArray[] {target, rows},
                        new NDArray[] {target},
                        params);
    }

    /** Slices outside oneDNN, which cannot cut the channels of an image within a block of them. */
    @Override
    public NDArray slice(NDArray x, int axis, long begin, long end) {
        PairList<String, Object> params = new PairList<>();
        params.add("axis", axis);
        params.add("begin", begin);
        params.add("end", end);
        return x.getManager().invoke("slice_axis", new NDList(x), params).singletonOrThrow();
    }

    @Override
    public NDArray transposedConvolution(
            NDArray x, NDArray weight, @Nullable NDArray bias, TransposedWindow window) {
        boolean strided = window.stride().size() > 1;
        boolean dilated = window.dilation().size() > 1;
        if (strided && dilated && x.getDataType() != DataType.FLOAT32) {
            // Outside oneDNN, which computes in float32 only, MXNet's results are wrong.
            throw new BackendException(
                    "transposed convolutions with stride and dilation must be float32 on MXNet, got %s: use float32, or --engine pytorch"
                            .formatted(x.getDataType().name().toLowerCase(Locale.ROOT)));
        }
        Shape shape = weight.getShape();
        TransposedWindow trainable = window.withTrainableGroups(shape);
        if (recording() && !trainable.equals(window)) {
            NDArray y = sumOfGroups(x, weight, trainable, window.groups());
            return bias == null ? y : y.add(perChannel(x.getManager(), bias, y.getShape()));
        }
        PairList<String, Object> params = new PairList<>();
        params.add("kernel", shape.slice(2));
        params.add("stride", window.stride());
        params.add("dilate", window.dilation());
        params.add("pad", window.padding());
        params.add("adj", window.outputPadding());
        params.add("num_filter", shape.get(1) * window.groups());
        params.add("num_group", window.groups());
        params.add("no_bias", bias == null);
        NDList in = bias == null ? new NDList(x, weight) : new NDList(x, weight, bias);
        return x.getManager().invoke("Deconvolution", in, params).singletonOrThrow();
    }

    private NDArray sumOfGroups(NDArray x, NDArray weight, TransposedWindow window, int groups) {
        NDArray y = transposedConvolution(x, weight, null, window);
        Shape shape = y.getShape();
        Shape parts = new Shape(shape.get(0), groups, -1).addAll(shape.slice(2));
        return y.reshape(parts).sum(new int[] {2});
    }

    private static NDArray perChannel(NDManager manager, NDArray bias, Shape shape) {
        long[] sizes = new long[shape.dimension()];
        Arrays.fill(sizes, 1);
        sizes[1] = bias.size();
        NDArray reshaped = bias.reshape(sizes);
        reshaped.attach(manager);
        return reshaped;
    }

    @Override
    public NDArray resize(NDArray x, long height, long width, Interpolation interpolation) {
        NDArray wide = interpolated(x, 3, width, interpolation, interpolation.columnScale());
        return interpolated(wide, 2, height, interpolation, interpolation.rowScale());
    }

    /** Interpolates an axis by a matrix: MXNet has no cubic interpolation. */
    private static NDArray interpolated(
            NDArray x, int axis, long size, Interpolation o, double scale) {
        int in = Math.toIntExact(x.getShape().get(axis));
        if (o.isRepetition(in, size, scale)) {
            return size == in ? x : x.repeat(axis, size / in);
        }
        double[] values = o.matrix(in, Math.toIntExact(size), scale);
        NDArray matrix =
                Values.create(x.getManager(), values, new Shape(size, in), x.getDataType());
        NDArray last = axis == 3 ? x : x.transpose(0, 1, 3, 2);
        NDArray y = last.getNDArrayInternal().linear(last, matrix, null).head();
        return axis == 3 ? y : y.transpose(0, 1, 3, 2);
    }
}
