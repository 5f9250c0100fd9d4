package io.residuum.residual.stream;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;

/** The weights of streams at one place, as a layer computes them. */
public interface Numbers {

    /**
     * {@return the weights, {@code (R, k)}, or {@code (1, k)} for all positions}
     *
     * @param pass the forward pass
     * @param rows the array that the weights read, {@code (R, n C)}, one row a position
     */
    NDArray of(ForwardPass pass, NDArray rows);

    /** {@return true if each position has its own weights} */
    boolean perPosition();

    /** {@return the multiply-accumulates of one position} */
    long macs();

    /** Registers the parameters of the layer that the weights belong to. */
    interface Owner {

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
