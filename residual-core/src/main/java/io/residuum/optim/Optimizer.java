package io.residuum.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Map;

/**
 * Updates parameters in place from their gradients, by PyTorch's definitions. A checkpoint saves
 * the optimizer's state by name.
 */
public interface Optimizer {

    /**
     * Updates all parameters.
     *
     * @param learningRate the learning rate of this update, before the factors of {@link
     *     LearningRates}
     * @param update the index of this update, from 1
     * @param scratch owns temporary arrays
     */
    void update(double learningRate, long update, NDManager scratch);

    /**
     * {@return the live arrays of the state by {@code slot.path}, for instance {@code
     * momentum.stem.conv.weight}}
     */
    Map<String, NDArray> state();

    /**
     * {@return the weights to evaluate and save, by the path of the parameter, if they differ from
     * those in training, as averages do; empty otherwise, the default} They belong to {@code
     * scratch}.
     *
     * @param scratch owns the arrays
     */
    default Map<String, NDArray> averages(NDManager scratch) {
        return Map.of();
    }
}
