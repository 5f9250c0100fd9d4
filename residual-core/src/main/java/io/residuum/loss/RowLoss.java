package io.residuum.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import java.util.function.UnaryOperator;

/** A loss with one number for each row of an output: a vector, a mask, a sample. */
final class RowLoss implements Loss {
    private final boolean[] known;
    private final DataType type;
    private final UnaryOperator<NDArray> errors;
    private final int counted;

    /**
     * Creates the loss of one forward pass.
     *
     * @param known true for each row that counts
     * @param errors computes one number per row from the output
     */
    RowLoss(boolean[] known, DataType type, UnaryOperator<NDArray> errors) {
        this.known = known;
        this.type = type;
        this.errors = errors;
        int n = 0;
        for (boolean counts : known) {
            n += counts ? 1 : 0;
        }
        this.counted = n;
    }

    @Override
    public double count() {
        return counted;
    }

    @Override
    public NDArray sum(NDArray output) {
        NDArray each = errors.apply(output);
        if (counted < known.length) {
            float[] counts = new float[known.length];
            for (int i = 0; i < counts.length; i++) {
                counts[i] = known[i] ? 1 : 0;
            }
            Shape rows = new Shape(counts.length);
            each = each.reshape(rows).mul(Values.create(each.getManager(), counts, rows, type));
        }
        return each.sum().reshape(1);
    }
}
