package io.residuum.residual.stream;

import ai.djl.ndarray.NDArray;
import io.residuum.nn.ForwardPass;
import java.util.function.BiFunction;

/**
 * Weights that all positions share.
 *
 * @param values returns them, {@code (k)}, in the type of an array
 */
record Shared(BiFunction<ForwardPass, NDArray, NDArray> values) implements Numbers {
    @Override
    public NDArray of(ForwardPass pass, NDArray rows) {
        NDArray row = values.apply(pass, rows).reshape(1, -1);
        // Else it would belong to the manager of the parameter, which never closes it.
        row.attach(rows.getManager());
        return row;
    }

    @Override
    public boolean perPosition() {
        return false;
    }

    @Override
    public long macs() {
        return 0;
    }
}
