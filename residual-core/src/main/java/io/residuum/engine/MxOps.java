package io.residuum.engine;

import ai.djl.mxnet.jna.JnaUtils;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.PairList;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** MXNet. */
enum MxOps implements Ops {
    INSTANCE;

    /** Of all backends, as they share the engine's scratch memory. */
    private final ReentrantLock handingOver = new ReentrantLock();

    @Override
    public int threads() {
        String set = System.getenv("OMP_NUM_THREADS");
        return set != null && set.matches("[1-9]\\d{0,3}")
                ? Integer.parseInt(set)
                : Runtime.getRuntime().availableProcessors();
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
        handingOver.lock();
        // Below a collector MXNet also trains, and then refuses to evaluate a norm.
        boolean recorded = JnaUtils.autogradSetIsRecording(false);
        boolean trained = JnaUtils.autogradSetTraining(false);
        return () -> {
            JnaUtils.autogradSetIsRecording(recorded);
            JnaUtils.autogradSetTraining(trained);
            handingOver.unlock();
        };
    }

    @Override
    public Pause exclusive() {
        handingOver.lock();
        return handingOver::unlock;
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
        PairList<String, Object> params = new PairList<>();
        params.add("eps", eps);
        params.add("momentum", 1);
        params.add("fix_gamma", false);
        params.add("use_global_stats", false);
        params.add("output_mean_var", true);
        params.add("axis", 1);
        // MXNet folds the biased variance into the statistics it is given, and only in the backward
        // pass. It is given scratch ones (momentum 1 leaves them alone); its extra outputs are the
        // mean of the batch and 1 / sqrt(var + eps).
        NDArray scratchMean = manager.zeros(runningMean.getShape(), runningMean.getDataType());
        NDArray scratchVar = manager.ones(runningVar.getShape(), runningVar.getDataType());
        NDList in = new NDList(x, gamma, beta, scratchMean, scratchVar);
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
        if (!recording()) {
            return x.getNDArrayInternal()
                    .batchNorm(x, mean, variance, gamma, beta, 1, 1f, eps, false)
                    .head();
        }
        // MXNet refuses to evaluate a norm while it records; the same as an affine map of each
        // channel:
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
        // The gradient of a pool comes in an order of memory for which oneDNN has no fast kernels,
        // and all norms that it reaches take a hundred times as long.
        return recording() ? x.mean(new int[] {2, 3}, true) : Ops.super.meanOfImages(x);
    }

    /** A result belongs to the manager of its first operand; one of parameters alone would stay. */
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
        // The gradient of MXNet's layer norm takes several times as long as that of its batch norm,
        // which does the same where every row is a channel of its own.
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
        // The gradient of a product that broadcasts takes MXNet twice as long as that of a norm.
        Shape shape = x.getShape();
        long outer = shape.slice(0, axis).size();
        NDArray beta = offsets == null ? x.getManager().zeros(factors.getShape()) : offsets;
        NDArray channels = x.reshape(outer, factors.size(), -1, 1);
        return channelNorm(channels, factors, beta, 0, true).reshape(shape);
    }

    private static NDArray channelNorm(
            NDArray x, NDArray gamma, NDArray beta, float eps, boolean given) {
        NDManager manager = x.getManager();
        PairList<String, Object> params = new PairList<>();
        params.add("eps", eps);
        params.add("momentum", 1);
        params.add("fix_gamma", false);
        params.add("use_global_stats", given);
        params.add("axis", 1);
        NDArray mean = manager.zeros(gamma.getShape());
        NDArray variance = manager.ones(gamma.getShape());
        NDList in = new NDList(x, gamma, beta, mean, variance);
        return training(() -> manager.invoke("BatchNorm", in, params)).head();
    }

    @Override
    public NDArray dropout(NDArray x, float rate) {
        return training(() -> x.getNDArrayInternal().dropout(x, rate, true)).head();
    }

    /** What norms and dropout compute in training, also where no collector is open. */
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

    /** One pass over the arrays instead of ten. */
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

    /** The gradient is handed on; that of a sum which may broadcast is copied, twice. */
    @Override
    public NDArray add(NDArray a, NDArray b) {
        if (!a.getShape().equals(b.getShape())) {
            return a.add(b);
        }
        return a.getManager()
                .invoke("elemwise_add", new NDList(a, b), new PairList<>())
                .singletonOrThrow();
    }

    /** The gradient of a sum that broadcasts takes six times as long. */
    @Override
    public NDArray addend(NDArray constant, Shape shape) {
        return recording() ? constant.broadcast(shape) : constant;
    }

    /** NDArray.set would close a copy of the rows, and so wait until they are computed. */
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

    @Override
    public NDList splitHeads(NDArray x, int width, int groups, int... heads) {
        long length = x.getShape().get(1);
        NDList parts = new NDList(heads.length);
        long from = 0;
        for (int h : heads) {
            long to = from + (long) h * width;
            // Slices: MXNet takes several times as long to split.
            NDArray part = heads.length == 1 ? x : x.get(":, :, {}:{}", from, to);
            NDArray headsFirst = part.reshape(-1, length, h, width).transpose(0, 2, 1, 3);
            parts.add(headsFirst.reshape(-1, h / groups * length, width));
            from = to;
        }
        return parts;
    }
}
