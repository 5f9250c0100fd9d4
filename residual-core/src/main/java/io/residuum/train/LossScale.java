package io.residuum.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.optim.ParameterGroups;

/**
 * What the loss is multiplied by so that small gradients do not vanish in float16 (Micikevicius et
 * al. 2018, arXiv:1710.03740, section 3.2). The factor follows the training, as that of PyTorch's
 * {@code GradScaler}: gradients that are not finite halve it, a row of finite ones doubles it.
 */
final class LossScale {
    static final double START = 65536;

    /** After so many updates in a row without an overflow the factor is doubled. */
    static final int GROWTH_INTERVAL = 2000;

    /** Far below any factor with which float16 serves better than float32 would. */
    private static final double LEAST = 0x1p-24;

    private final NDArray saved;
    private double factor = START;
    private int finiteUpdates;

    LossScale(NDManager manager) {
        saved = manager.zeros(new Shape(2));
    }

    double factor() {
        return factor;
    }

    /**
     * Takes the factor out of the gradients and adapts it.
     *
     * @return whether all are finite; if not, they are of no use
     * @throws TrainingException if no factor helps
     */
    boolean unscale(ParameterGroups trained, NDManager scratch) {
        double used = factor;
        boolean finite = allFinite(trained, scratch);
        adapt(finite);
        if (finite) {
            trained.all().forEach(t -> t.sum().muli(1 / used));
        }
        return finite;
    }

    /** A sum is finite only if all that it adds are; one number is fetched for all gradients. */
    private static boolean allFinite(ParameterGroups trained, NDManager scratch) {
        NDList sums = new NDList(trained.all().size());
        trained.all().forEach(t -> sums.add(ParameterGroups.in(scratch, t.sum().sum()).reshape(1)));
        return Float.isFinite(NDArrays.concat(sums).sum().getFloat());
    }

    private void adapt(boolean finite) {
        if (!finite) {
            factor /= 2;
            finiteUpdates = 0;
            if (factor < LEAST) {
                throw new TrainingException(
                        "gradients must be finite in float16, found others with the loss scaled"
                                + " down to "
                                + factor
                                + ": train in bfloat16 or float32 (compute)");
            }
        } else if (++finiteUpdates == GROWTH_INTERVAL) {
            factor *= 2;
            finiteUpdates = 0;
        }
    }

    /** What a later run needs: an array of the factor and the finite updates since it changed. */
    NDArray state() {
        saved.set(new float[] {(float) factor, finiteUpdates});
        return saved;
    }

    /** Goes on where an earlier run was, after its {@link #state} has been put back. */
    void resume() {
        float[] values = saved.toFloatArray();
        factor = values[0];
        finiteUpdates = (int) values[1];
    }
}
