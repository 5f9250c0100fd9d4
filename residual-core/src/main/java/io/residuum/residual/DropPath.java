package io.residuum.residual;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import io.residuum.engine.Values;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.LongFunction;

/**
 * Stochastic depth (Huang et al. 2016): drops a branch at random in training, so that only the
 * shortcut remains. It draws in Java, so that a seed drops the same branches on every engine.
 */
public final class DropPath {

    /** The samples that are dropped together. */
    public enum Mode {
        /** Single samples, as in timm. The branch computes all samples and masks the dropped. */
        SAMPLE,
        /** Single samples. The branch and its batch norms see only the kept samples. */
        KEPT_SAMPLES,
        /** The complete batch, as in the paper. A dropped branch is not computed. */
        BATCH
    }

    /** The rescaling that makes training and evaluation agree in expectation. */
    public enum Rescale {
        /** In training, by 1 / (1 - rate): timm's {@code scale_by_keep=True}. */
        TRAINING,
        /** In evaluation, by 1 - rate: the paper's Equation 5. */
        EVALUATION,
        /** Nowhere: timm's {@code scale_by_keep=False}. */
        NEVER
    }

    private final double rate;
    private final Mode mode;
    private final Rescale rescale;
    private SplittableRandom random = new SplittableRandom(0);

    /**
     * Creates a drop path.
     *
     * @param rate the probability of dropping, in [0, 1)
     * @param mode the samples that are dropped together
     * @param rescale the rescaling of the branch
     */
    public DropPath(double rate, Mode mode, Rescale rescale) {
        this.rate = rate;
        this.mode = mode;
        this.rescale = rescale;
    }

    /** Returns true if it never drops. */
    boolean isNone() {
        return rate == 0;
    }

    void reseed(long seed) {
        random = new SplittableRandom(seed);
    }

    /** Returns true if this pass computes the branch of all samples, without a factor. */
    boolean keepsAll(ForwardPass pass) {
        boolean draws = pass.training() ? pass.dropsOut() : rescale == Rescale.EVALUATION;
        return rate == 0 || !draws;
    }

    /** Computes the branch on all or some of the samples, with zeros for dropped ones. */
    NDArray forward(ForwardPass pass, NDArray x, Layer branch) {
        if (keepsAll(pass)) {
            return branch.forward(pass, x);
        }
        if (!pass.training()) {
            return pass.ops().mul(branch.forward(pass, x), 1 - rate);
        }
        return switch (mode) {
            case SAMPLE -> masked(pass, branch.forward(pass, x), this::drawEach);
            case KEPT_SAMPLES -> keptOnly(pass, x, branch);
            case BATCH -> wholeBatch(pass, x, branch);
        };
    }

    private boolean keep() {
        return random.nextDouble() >= rate;
    }

    private float keptWeight() {
        return rescale == Rescale.TRAINING ? (float) (1 / (1 - rate)) : 1f;
    }

    private NDArray rescaled(ForwardPass pass, NDArray y) {
        return keptWeight() == 1f ? y : pass.ops().mul(y, keptWeight());
    }

    private NDArray masked(ForwardPass pass, NDArray y, LongFunction<float[]> draw) {
        long samples = y.getShape().get(0);
        NDArray factors = pass.ops().drawn(y.getManager(), draw, samples, y.getDataType());
        return pass.ops().affine(y, 0, factors, null);
    }

    private float[] drawEach(long samples) {
        float[] weights = new float[Math.toIntExact(samples)];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = keep() ? keptWeight() : 0f;
        }
        return weights;
    }

    private float[] drawOnce(long samples) {
        float[] weights = new float[Math.toIntExact(samples)];
        Arrays.fill(weights, keep() ? keptWeight() : 0f);
        return weights;
    }

    private NDArray wholeBatch(ForwardPass pass, NDArray x, Layer branch) {
        if (pass.ops().captures()) {
            return masked(pass, branch.forward(pass, x), this::drawOnce);
        }
        return keep()
                ? rescaled(pass, branch.forward(pass, x))
                : zeros(x, branch.outputShape(x.getShape()));
    }

    private NDArray keptOnly(ForwardPass pass, NDArray x, Layer branch) {
        if (pass.ops().captures()) {
            throw new UnsupportedOperationException(
                    "drop path by kept-samples, whose shapes change in every step; use"
                            + " dropPath.mode sample or batch");
        }
        int batch = Math.toIntExact(x.getShape().get(0));
        long[] rowOf = new long[batch];
        long[] kept = new long[batch];
        int n = 0;
        for (int i = 0; i < batch; i++) {
            boolean keeps = keep();
            rowOf[i] = keeps ? n : -1;
            if (keeps) {
                kept[n++] = i;
            }
        }
        if (n == 0) {
            return zeros(x, branch.outputShape(x.getShape()));
        }
        if (n == batch) {
            return rescaled(pass, branch.forward(pass, x));
        }
        NDManager manager = x.getManager();
        NDArray samples = Values.create(manager, Arrays.copyOf(kept, n), new Shape(n));
        NDArray y =
                rescaled(pass, branch.forward(pass.withSamples(samples, batch), rows(x, samples)));
        // Restore the order of samples. Dropped samples read an added row of zeros.
        for (int i = 0; i < batch; i++) {
            rowOf[i] = rowOf[i] < 0 ? n : rowOf[i];
        }
        long[] one = y.getShape().getShape().clone();
        one[0] = 1;
        NDArray padded = NDArrays.concat(new NDList(y, zeros(x, new Shape(one))), 0);
        return rows(padded, Values.create(manager, rowOf, new Shape(batch)));
    }

    /**
     * Selects samples as rows of an embedding. Its gradient adds complete rows, while the gradient
     * of indexing adds single elements.
     */
    private static NDArray rows(NDArray x, NDArray indices) {
        long[] dims = x.getShape().getShape().clone();
        NDArray table = x.reshape(dims[0], -1);
        dims[0] = indices.size();
        return indices.getNDArrayInternal()
                .embedding(indices, table, SparseFormat.DENSE)
                .head()
                .reshape(dims);
    }

    private static NDArray zeros(NDArray like, Shape shape) {
        return like.getManager().zeros(shape, like.getDataType());
    }

    @Override
    public String toString() {
        return "dropPath " + rate + " by " + mode.name().toLowerCase(Locale.ROOT);
    }
}
