package io.residuum.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import java.util.function.BinaryOperator;

/**
 * A loss of numbers: the mean of what a function of output and target returns. Unknown targets do
 * not count.
 */
final class NumberLoss implements Loss {
    private final Target.Numbers target;
    private final DataType type;
    private final BinaryOperator<NDArray> errors;
    private final int known;

    /**
     * Creates the loss of one forward pass.
     *
     * @param target in the shape of the output
     * @param errors computes losses from the output and the target: one for each number, or fewer,
     *     as many for each sample, if all targets are known
     */
    NumberLoss(Target.Numbers target, DataType type, BinaryOperator<NDArray> errors) {
        this.target = target;
        this.type = type;
        this.errors = errors;
        int n = 0;
        for (float value : target.values()) {
            n += Float.isNaN(value) ? 0 : 1;
        }
        this.known = n;
    }

    @Override
    public double count() {
        return known;
    }

    @Override
    public NDArray sum(NDArray output) {
        NDManager manager = output.getManager();
        Ops ops = Ops.of(manager);
        float[] values = target.values();
        Shape shape = target.shape();
        if (known == values.length) {
            NDArray each = errors.apply(output, Values.create(manager, values, shape, type));
            NDArray sum = each.sum().reshape(1);
            return each.size() == known ? sum : ops.mul(sum, (double) known / each.size());
        }
        float[] filled = new float[values.length];
        float[] counts = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            if (!Float.isNaN(values[i])) {
                filled[i] = values[i];
                counts[i] = 1;
            }
        }
        NDArray each = errors.apply(output, Values.create(manager, filled, shape, type));
        if (!each.getShape().equals(shape)) {
            throw new LossException(
                    "a loss must have one number for each number of the target, %s, if some are unknown, got %s: fill in the missing targets, or return one loss per number"
                            .formatted(shape, each.getShape()));
        }
        return each.mul(Values.create(manager, counts, shape, type)).sum().reshape(1);
    }
}
