package io.residuum.engine;

import ai.djl.ndarray.NDArray;

/**
 * Optimizer updates of many arrays in one engine call, which reads and writes every number once.
 * The updates are in place and compute what {@code torch.optim} documents. See {@link
 * Ops#fusedOptimizer}.
 */
public interface FusedOptimizer {

    /**
     * Clips the gradients' global norm like {@code clip_grad_norm_}, without waiting for it.
     *
     * @param maximum the largest norm, positive
     */
    void clip(double maximum);

    /** Sets the gradients to zero. */
    void clear();

    /**
     * Updates the weights by stochastic gradient descent. The first state holds the velocities; it
     * must be empty without momentum.
     *
     * @param rate the learning rate
     * @param momentum the momentum, in [0, 1)
     * @param nesterov true for Nesterov momentum
     * @param decay the weight decay, added to the gradient
     */
    void sgd(double rate, double momentum, boolean nesterov, double decay);

    /**
     * Updates the weights by Adam or AdamW. The two states hold the moments.
     *
     * @param step the number of this step, from 1; one float32 number
     * @param rate the learning rate
     * @param beta1 the decay rate of the first moment
     * @param beta2 the decay rate of the second moment
     * @param eps added to the root of the second moment
     * @param decay the weight decay
     * @param decoupled true to decay the weights (AdamW), false to add the decay to the gradient
     *     (Adam)
     */
    void adam(
            NDArray step,
            double rate,
            double beta1,
            double beta2,
            double eps,
            double decay,
            boolean decoupled);
}
