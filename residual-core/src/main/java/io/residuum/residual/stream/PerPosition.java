package io.residuum.residual.stream;

import ai.djl.ndarray.NDArray;
import io.residuum.nn.ForwardPass;
import java.util.function.BiFunction;

/**
 * Weights of each position.
 *
 * @param macs the multiply-accumulates of one position
 * @param values returns the weights of rows
 */
record PerPosition(long macs, BiFunction<ForwardPass, NDArray, NDArray> values) implements Numbers {
    @Override
    public NDArray of(ForwardPass pass, NDArray rows) {
        return values.apply(pass, rows);
    }

    @Override
    public boolean perPosition() {
        return true;
    }
}
