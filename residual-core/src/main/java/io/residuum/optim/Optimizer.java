package io.residuum.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Map;

/**
 * Changes parameters in place by their gradients. The definitions are PyTorch's, step by step;
 * state is kept as arrays that a checkpoint saves by name.
 */
public sealed interface Optimizer permits SgdOptimizer, AdamWOptimizer {

    /**
     * Updates every parameter.
     *
     * @param learningRate the rate of this update, before the factors of {@link LearningRates}
     * @param update how many updates there have been, with this one
     * @param scratch owns what is only needed during the update
     */
    void update(double learningRate, long update, NDManager scratch);

    /**
     * The state.
     *
     * @return the live arrays by {@code slot.path}, for instance {@code momentum.stem.conv.weight}
     */
    Map<String, NDArray> state();
}
