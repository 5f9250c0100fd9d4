package io.residuum.engine;

import ai.djl.ndarray.NDArray;

/**
 * Updates of many arrays in one call of the engine, which reads and writes every number once. They
 * compute what {@code torch.optim} documents, in place. See {@link Ops#fusedOptimizer}.
 */
public interface FusedOptimizer {

    /**
     * Scales the gradients down so that their common norm is at most a bound, as PyTorch's {@code
     * clip_grad_norm_} does, without waiting for the norm.
     *
     * @param maximum the bound, positive
     */
    void clip(double maximum);

    /** Sets the gradients to zero. */
    void clear();

    /**
     * Takes a step of stochastic gradient descent. The velocities are the first state; there must
     * be none where there is no momentum.
     *
     * @param rate the learning rate
     * @param momentum the share of a velocity that is kept
     * @param nesterov whether to use Nesterov momentum
     * @param decay the weight decay, which is added to the gradient
     */
    void sgd(double rate, double momentum, boolean nesterov, double decay);

    /**
     * Takes a step of AdamW, whose moments are the two states.
     *
     * @param step the number of this step, from 1: one number, float32
     * @param rate the learning rate
     * @param beta1 the share of the first moment that is kept
     * @param beta2 the share of the second moment that is kept
     * @param eps added to the root of the second
     * @param decay the weight decay, apart from the moments
     */
    void adamW(NDArray step, double rate, double beta1, double beta2, double eps, double decay);
}
