package io.residuum.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.training.GradientCollector;

/** A forward pass in training, whose gradients are yet to be taken. */
public interface ForwardResult {

    /**
     * A pass that the engine has recorded as a whole.
     *
     * @param output what it computed
     * @return a recording of it
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

    /**
     * Returns the output of the network.
     *
     * @return its output, recorded
     */
    NDArray output();

    /**
     * Takes the gradients of the parameters, once.
     *
     * @param collector the collector below which the pass was made, still open
     * @param target one number that was computed from the output
     */
    void backward(GradientCollector collector, NDArray target);
}
