package io.residuum.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.optim.ParameterGroups;

/**
 * The factor of the loss that keeps small gradients from vanishing in float16 (Micikevicius et al.
 * 2018, arXiv:1710.03740, section 3.2). It adapts as in PyTorch's {@code GradScaler}: gradients
 * that are not finite halve it, a long series of finite ones doubles it.
 */
final class LossScale {
    static final double START = 65536;

    /** The number of updates without overflow after which the factor doubles. */
    static final int GROWTH_INTERVAL = 2000;

    /** A bound far below any factor with which float16 is more precise than float32 would be. */
    private static final double MIN = 0x1p-24;

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
     * Divides the gradients by the factor and adapts the factor.
     *
     * @return false if the gradients are not all finite and must be dropped
     * @throws TrainingException if no factor helps
     */
    boolean unscale(ParameterGroups trained, NDManager scratch) {
        double used = factor;
        boolean finite = allFinite(trained, scratch);
        adapt(finite);
        if (finite) {
            trained.all().forEach(t -> t.gradient().muli(1 / used));
        }
        return finite;
    }

    /** Sums all gradients, since a sum is finite only if its terms are: one number to fetch. */
    private static boolean allFinite(ParameterGroups trained, NDManager scratch) {
        NDList sums = new NDList(trained.all().size());
        trained.all()
                .forEach(t -> sums.add(ParameterGroups.in(scratch, t.gradient().sum()).reshape(1)));
        return Float.isFinite(NDArrays.concat(sums).sum().getFloat());
    }

    private void adapt(boolean finite) {
        if (!finite) {
            factor /= 2;
            finiteUpdates = 0;
            if (factor < MIN) {
                throw new TrainingException(
                        "gradients must be finite in float16, but are not, even with the loss"
                                + " scaled by "
                                + factor
                                + ": train in bfloat16 or float32 (compute)");
            }
        } else if (++finiteUpdates == GROWTH_INTERVAL) {
            factor *= 2;
            finiteUpdates = 0;
        }
    }

    /** Returns an array of the factor and the number of finite updates since it changed. */
    NDArray state() {
        Values.assign(saved, (float) factor, finiteUpdates);
        return saved;
    }

    /** Continues an earlier run after its {@link #state} was restored. */
    void resume() {
        float[] values = saved.toFloatArray();
        factor = values[0];
        finiteUpdates = (int) values[1];
    }
}
