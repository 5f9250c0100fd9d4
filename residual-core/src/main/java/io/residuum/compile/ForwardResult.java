package io.residuum.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.training.GradientCollector;

/** A forward pass in training, before its backward pass. */
public interface ForwardResult {

    /**
     * {@return the result of a forward pass that the engine has recorded}
     *
     * @param output the output, recorded
     */
    static ForwardResult of(NDArray output) {
        return new ForwardResult() {
            @Override
            public NDArray output() {
                return output;
            }

            @Override
            public void backward(GradientCollector collector, NDArray target) {
                collector.backward(target);
            }
        };
    }

    /** {@return the output of the network, recorded} */
    NDArray output();

    /**
     * Computes the gradients of the parameters. May be called once.
     *
     * @param collector the collector of the forward pass, still open
     * @param target a scalar computed from the output, usually the loss
     */
    void backward(GradientCollector collector, NDArray target);
}
