package io.residuum.residual.stream;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import java.util.function.BiFunction;

/**
 * The weights of streams at one place, as a layer computes them.
 *
 * @param perPosition true if each position has its own weights, false if all share them
 * @param macs the multiply-accumulates of one position
 * @param values returns the weights, {@code (R, k)} or {@code (k)} for all positions, for the array
 *     that they read, {@code (R, n C)}, one row a position
 */
public record Numbers(
        boolean perPosition, long macs, BiFunction<ForwardPass, NDArray, NDArray> values) {

    static Numbers ofAll(BiFunction<ForwardPass, NDArray, NDArray> values) {
        return new Numbers(false, 0, values);
    }

    static Numbers perPosition(long macs, BiFunction<ForwardPass, NDArray, NDArray> values) {
        return new Numbers(true, macs, values);
    }

    /** Returns the weights, {@code (R, k)} or {@code (1, k)}. */
    NDArray of(ForwardPass pass, NDArray rows) {
        NDArray weights = values.apply(pass, rows);
        if (perPosition) {
            return weights;
        }
        NDArray row = weights.reshape(1, -1);
        // Else it would belong to the manager of the parameter, which never closes it.
        row.attach(rows.getManager());
        return row;
    }

    /** Registers the parameters of the layer that the weights belong to. */
    public interface Owner {

        /**
         * {@return a new parameter}
         *
         * @param name the last part of its path
         * @param init its initial values
         * @param dims its shape
         */
        Parameter parameter(String name, Init init, long... dims);
    }
}
