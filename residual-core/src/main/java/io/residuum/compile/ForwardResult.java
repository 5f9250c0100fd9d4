package io.residuum.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.GradientCollector;
import io.residuum.engine.ExitGuard;

/** A forward pass in training, before its backward pass. */
public interface ForwardResult {

    /**
     * {@return the result of a forward pass that the engine has recorded}
     *
     * @param output the output, recorded
     */
    static ForwardResult of(NDArray output) {
        return of(new NDList(output));
    }

    /**
     * {@return the result of a forward pass that the engine has recorded}
     *
     * @param outputs the outputs, recorded
     */
    static ForwardResult of(NDList outputs) {
        return new ForwardResult() {
            @Override
            public NDList outputs() {
                return outputs;
            }

            @Override
            public void backward(GradientCollector collector, NDArray target) {
                // PyTorch crashes if the process ends meanwhile.
                try (ExitGuard guard = new ExitGuard(() -> {})) {
                    collector.backward(target);
                }
            }
        };
    }

    /** {@return the outputs of the network, recorded} */
    NDList outputs();

    /** {@return the output of a network that has one, recorded} */
    default NDArray output() {
        return outputs().singletonOrThrow();
    }

    /**
     * Computes the gradients of the parameters. May be called once.
     *
     * @param collector the collector of the forward pass, still open
     * @param target a scalar computed from the outputs, usually the loss
     */
    void backward(GradientCollector collector, NDArray target);
}
