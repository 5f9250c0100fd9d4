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
 * Stochastic depth (Huang et al. 2016): in training a branch is dropped at random, so that only the
 * shortcut remains. Draws in Java, so that the same seed drops the same branches on every engine.
 */
public final class DropPath {

    /** The unit of dropping. */
    public enum Mode {
        /** Each sample by itself, as in timm; the branch is computed for all of them and masked. */
        SAMPLE,
        /**
         * Each sample by itself; the branch is computed for the kept samples only. Batch norms in
         * the branch then see only these.
         */
        KEPT_SAMPLES,
        /** The whole batch at once, as in the paper; a dropped branch is not computed. */
        BATCH
    }

    /** Where the branch is rescaled so that training and evaluation agree in expectation. */
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
     * Creates a drop-path.
     *
     * @param rate the probability of dropping, in [0, 1)
     * @param mode what is dropped together
     * @param rescale where the branch is rescaled
     */
    public DropPath(double rate, Mode mode, Rescale rescale) {
        this.rate = rate;
        this.mode = mode;
        this.rescale = rescale;
    }

    void reseed(long seed) {
        random = new SplittableRandom(seed);
    }

    /**
     * Computes a branch, or parts of it, or zeros.
     *
     * @param pass the forward pass
     * @param x the branch's input
     * @param branch the branch
     * @return an array of the branch's output shape
     */
    NDArray forward(ForwardPass pass, NDArray x, Layer branch) {
        if (rate == 0 || pass.training() && !pass.dropsOut()) {
            return branch.forward(pass, x);
        }
        if (!pass.training()) {
            NDArray y = branch.forward(pass, x);
            return rescale == Rescale.EVALUATION ? pass.ops().mul(y, 1 - rate) : y;
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
        NDArray factors =
                pass.ops().drawn(y.getManager(), draw, y.getShape().get(0), y.getDataType());
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
                    "drop-path by kept-samples computes other shapes in every step: use mode sample"
                            + " or batch");
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
        // Back to their places: dropped samples read a last row of zeros.
        for (int i = 0; i < batch; i++) {
            rowOf[i] = rowOf[i] < 0 ? n : rowOf[i];
        }
        long[] one = y.getShape().getShape().clone();
        one[0] = 1;
        NDArray padded = NDArrays.concat(new NDList(y, zeros(x, new Shape(one))), 0);
        return rows(padded, Values.create(manager, rowOf, new Shape(batch)));
    }

    /**
     * Samples by index. As rows of a table: the gradient of an embedding adds whole rows, that of
     * an index single elements.
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
