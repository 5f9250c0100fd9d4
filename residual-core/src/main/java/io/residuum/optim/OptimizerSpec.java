package io.residuum.optim;

import ai.djl.ndarray.NDManager;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.TypeName;

/**
 * An optimizer and its settings. The learning rate is in the {@link io.residuum.train.Recipe}. This
 * type is open: a {@link io.residuum.spec.RecordProvider} registers other records for JSON.
 */
public interface OptimizerSpec {

    /**
     * {@return a new optimizer}
     *
     * @param trained the parameters to update
     * @param manager owns the optimizer's state
     */
    Optimizer newOptimizer(ParameterGroups trained, NDManager manager);

    /**
     * Stochastic gradient descent with momentum, as PyTorch defines it: the velocity does not
     * include the learning rate.
     *
     * @param momentum the factor of the old velocity, in [0, 1). Default: 0.9
     * @param nesterov true for Nesterov momentum (Sutskever et al. 2013). Default: false
     * @param weightDecay each update adds the weight times this value to the gradient. Default:
     *     1e-4 (He et al. 2015)
     */
    @TypeName("sgd")
    @Doc("Stochastic gradient descent with momentum.")
    record Sgd(
            @Default("0.9") double momentum,
            @Default("false") boolean nesterov,
            @Default("1.0e-4") double weightDecay)
            implements OptimizerSpec {
        public Sgd {
            Check.rate("momentum", momentum);
            checkDecay(weightDecay);
            Check.that(
                    !nesterov || momentum > 0,
                    "nesterov needs a momentum above 0, got momentum %s",
                    momentum);
        }

        @Override
        public Optimizer newOptimizer(ParameterGroups trained, NDManager manager) {
            return new SgdOptimizer(this, trained, manager);
        }
    }

    /**
     * Adam (Kingma and Ba 2015), as PyTorch defines it. Without weight decay it is {@link AdamW}
     * without weight decay. With weight decay, prefer AdamW.
     *
     * @param beta1 the decay of the first moment, in [0, 1). Default: 0.9
     * @param beta2 the decay of the second moment, in [0, 1). Default: 0.999
     * @param eps added to the root of the second moment, positive. Default: 1e-8
     * @param weightDecay each update adds the weight times this value to the gradient, before the
     *     moments. Default: 0
     */
    @TypeName("adam")
    @Doc("Adam, with weight decay in the gradient.")
    record Adam(
            @Default("0.9") double beta1,
            @Default("0.999") double beta2,
            @Default("1.0e-8") double eps,
            @Default("0.0") double weightDecay)
            implements OptimizerSpec {
        public Adam {
            checkAdam(beta1, beta2, eps, weightDecay);
        }

        @Override
        public Optimizer newOptimizer(ParameterGroups trained, NDManager manager) {
            AdamW numbers = new AdamW(beta1, beta2, eps, weightDecay);
            return new AdamOptimizer(numbers, false, trained, manager);
        }
    }

    /**
     * Adam with decoupled weight decay (Loshchilov and Hutter 2019, Algorithm 2), as PyTorch
     * defines it.
     *
     * @param beta1 the decay of the first moment, in [0, 1). Default: 0.9
     * @param beta2 the decay of the second moment, in [0, 1). Default: 0.999
     * @param eps added to the root of the second moment, positive. Default: 1e-8
     * @param weightDecay each update subtracts the weight times this value and the learning rate.
     *     Default: 0.05 (Liu et al. 2022, ConvNeXt)
     */
    @TypeName("adamw")
    @Doc("Adam with decoupled weight decay.")
    record AdamW(
            @Default("0.9") double beta1,
            @Default("0.999") double beta2,
            @Default("1.0e-8") double eps,
            @Default("0.05") double weightDecay)
            implements OptimizerSpec {
        public AdamW {
            checkAdam(beta1, beta2, eps, weightDecay);
        }

        @Override
        public Optimizer newOptimizer(ParameterGroups trained, NDManager manager) {
            return new AdamOptimizer(this, true, trained, manager);
        }
    }

    private static void checkAdam(double beta1, double beta2, double eps, double weightDecay) {
        Check.rate("beta1", beta1);
        Check.rate("beta2", beta2);
        Check.that(eps > 0 && Double.isFinite(eps), "eps must be positive, got %s", eps);
        checkDecay(weightDecay);
    }

    private static void checkDecay(double weightDecay) {
        Check.that(
                weightDecay >= 0 && Double.isFinite(weightDecay),
                "weightDecay must be 0 or more, got %s",
                weightDecay);
    }
}
