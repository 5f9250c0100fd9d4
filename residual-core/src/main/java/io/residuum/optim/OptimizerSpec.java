package io.residuum.optim;

import ai.djl.ndarray.NDManager;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import java.util.List;
import java.util.Set;

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
    record Sgd(
            @Default("0.9") double momentum,
            @Default("false") boolean nesterov,
            @Default("1.0e-4") double weightDecay)
            implements OptimizerSpec {
        public Sgd {
            Check.rate("momentum", momentum);
            Check.notNegative("weightDecay", weightDecay);
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

    /**
     * Schedule-free AdamW (Defazio et al. 2024, arXiv:2405.15682), as the authors' package defines
     * it: evaluates and saves an average of the weights instead of lowering the learning rate. Use
     * it with a constant schedule and a warmup, and a rate one to ten times AdamW's. The statistics
     * of batch norm are those of the weights in training.
     *
     * @param beta1 the share of the average in the point of each gradient, in (0, 1). Default: 0.9
     * @param beta2 the decay of the second moment, in [0, 1). Default: 0.999
     * @param eps added to the root of the second moment, positive. Default: 1e-8
     * @param weightDecay the weight decay, at the point of the gradient. Default: 0
     * @param power the weight of update t in the average grows as t to this power, 0 or more.
     *     Default: 0
     * @param ratePower the weight grows as the largest learning rate to this power, 0 or more, so
     *     that the warmup counts less. Default: 2
     */
    @TypeName("scheduleFreeAdamW")
    record ScheduleFreeAdamW(
            @Default("0.9") double beta1,
            @Default("0.999") double beta2,
            @Default("1.0e-8") double eps,
            @Default("0.0") double weightDecay,
            @Default("0.0") double power,
            @Default("2.0") double ratePower)
            implements OptimizerSpec {
        public ScheduleFreeAdamW {
            checkAdam(beta1, beta2, eps, weightDecay);
            Check.positive("beta1", beta1);
            Check.notNegative("power", power);
            Check.notNegative("ratePower", ratePower);
        }

        @Override
        public Optimizer newOptimizer(ParameterGroups trained, NDManager manager) {
            return new ScheduleFreeOptimizer(this, trained, manager);
        }
    }

    /**
     * Lion (Chen et al. 2023, arXiv:2302.06675, Algorithm 2): steps by the sign of the momentum.
     * Its learning rate is three to ten times smaller than AdamW's, its weight decay as much
     * larger.
     *
     * @param beta1 the share of the momentum in a step, in [0, 1). Default: 0.9
     * @param beta2 the decay of the momentum, in [0, 1). Default: 0.99
     * @param weightDecay each update subtracts the weight times this value and the learning rate.
     *     Default: 0
     */
    @TypeName("lion")
    record Lion(
            @Default("0.9") double beta1,
            @Default("0.99") double beta2,
            @Default("0.0") double weightDecay)
            implements OptimizerSpec {
        public Lion {
            checkBetas(beta1, beta2, weightDecay);
        }

        @Override
        public Optimizer newOptimizer(ParameterGroups trained, NDManager manager) {
            return RuleOptimizer.of(new Rules.LionRule(this), weightDecay, trained, manager);
        }
    }

    /**
     * LAMB (You et al. 2020, arXiv:1904.00962, Algorithm 2), as timm defines it: Adam's step,
     * scaled to the norm of each parameter with weight decay. timm also clips gradients to a global
     * norm of 1, here {@code clipNorm} of the recipe.
     *
     * @param beta1 the decay of the first moment, in [0, 1). Default: 0.9
     * @param beta2 the decay of the second moment, in [0, 1). Default: 0.999
     * @param eps added to the root of the second moment, positive. Default: 1e-6
     * @param trustClip true to lower steps only (LAMBC, Fong et al. 2020). Default: false
     * @param weightDecay each step includes the weight times this value. Default: 0.01
     */
    @TypeName("lamb")
    record Lamb(
            @Default("0.9") double beta1,
            @Default("0.999") double beta2,
            @Default("1.0e-6") double eps,
            @Default("false") boolean trustClip,
            @Default("0.01") double weightDecay)
            implements OptimizerSpec {
        public Lamb {
            checkAdam(beta1, beta2, eps, weightDecay);
        }

        @Override
        public Optimizer newOptimizer(ParameterGroups trained, NDManager manager) {
            return RuleOptimizer.of(new Rules.LambRule(this), weightDecay, trained, manager);
        }
    }

    /**
     * Adam with Nesterov momentum (Dozat 2016), as PyTorch defines it.
     *
     * @param beta1 the decay of the first moment, in [0, 1). Default: 0.9
     * @param beta2 the decay of the second moment, in [0, 1). Default: 0.999
     * @param eps added to the root of the second moment, positive. Default: 1e-8
     * @param momentumDecay the speed at which the momentum rises to beta1, 0 or more. Default: 4e-3
     * @param decoupled true for weight decay as in {@link AdamW}, false as in {@link Adam}.
     *     Default: false
     * @param weightDecay the weight decay. Default: 0
     */
    @TypeName("nadam")
    record NAdam(
            @Default("0.9") double beta1,
            @Default("0.999") double beta2,
            @Default("1.0e-8") double eps,
            @Default("4.0e-3") double momentumDecay,
            @Default("false") boolean decoupled,
            @Default("0.0") double weightDecay)
            implements OptimizerSpec {
        public NAdam {
            checkAdam(beta1, beta2, eps, weightDecay);
            Check.notNegative("momentumDecay", momentumDecay);
        }

        @Override
        public Optimizer newOptimizer(ParameterGroups trained, NDManager manager) {
            return RuleOptimizer.of(new Rules.NAdamRule(this), weightDecay, trained, manager);
        }
    }

    /**
     * RMSprop (Tieleman and Hinton 2012), as PyTorch defines it or as TensorFlow does, which the
     * recipes of EfficientNet and MobileNet need.
     *
     * @param alpha the decay of the mean square, in [0, 1). Default: 0.99
     * @param eps added to the root of the mean square, positive. Default: 1e-8
     * @param momentum the factor of the old velocity, in [0, 1). Default: 0
     * @param centered true to subtract the squared mean of gradients. Default: false
     * @param tensorflow true to start the mean square at one, add eps inside the root and include
     *     the learning rate in the velocity. Default: false
     * @param weightDecay each update adds the weight times this value to the gradient. Default: 0
     */
    @TypeName("rmsprop")
    record RmsProp(
            @Default("0.99") double alpha,
            @Default("1.0e-8") double eps,
            @Default("0.0") double momentum,
            @Default("false") boolean centered,
            @Default("false") boolean tensorflow,
            @Default("0.0") double weightDecay)
            implements OptimizerSpec {
        public RmsProp {
            Check.rate("alpha", alpha);
            Check.positive("eps", eps);
            Check.rate("momentum", momentum);
            Check.notNegative("weightDecay", weightDecay);
        }

        @Override
        public Optimizer newOptimizer(ParameterGroups trained, NDManager manager) {
            return RuleOptimizer.of(new Rules.RmsPropRule(this), weightDecay, trained, manager);
        }
    }

    /**
     * Muon (Jordan et al. 2024), as PyTorch defines it, in the type of the parameters: steps by the
     * nearest orthogonal matrix of the momentum. Filters of a convolution are rows. AdamW updates
     * parameters of rank 0 and 1 and those of {@code adamw}.
     *
     * @param momentum the factor of the old momentum, in [0, 1). Default: 0.95
     * @param nesterov true for Nesterov momentum. Default: true
     * @param iterations the iterations of Newton and Schulz, positive. Default: 5
     * @param matchAdamW true to scale steps to the size of AdamW's (Liu et al. 2025,
     *     arXiv:2502.16982, Section 2.2), so that one learning rate fits both; false for the
     *     original, by the root of rows over columns. Default: true
     * @param adamw patterns of further parameters for AdamW, as in {@link
     *     io.residuum.model.Network#freeze}: usually embeddings and the head. Default: none
     * @param beta1 AdamW's decay of the first moment, in [0, 1). Default: 0.9
     * @param beta2 AdamW's decay of the second moment, in [0, 1). Default: 0.95
     * @param weightDecay each update subtracts the weight times this value and the learning rate.
     *     Default: 0.1
     */
    @TypeName("muon")
    record Muon(
            @Default("0.95") double momentum,
            @Default("true") boolean nesterov,
            @Default("5") int iterations,
            @Default("true") boolean matchAdamW,
            @Default("[]") List<String> adamw,
            @Default("0.9") double beta1,
            @Default("0.95") double beta2,
            @Default("0.1") double weightDecay)
            implements OptimizerSpec {
        public Muon {
            Check.rate("momentum", momentum);
            Check.positive("iterations", iterations);
            adamw = List.copyOf(adamw);
            checkBetas(beta1, beta2, weightDecay);
        }

        @Override
        public Optimizer newOptimizer(ParameterGroups trained, NDManager manager) {
            Set<String> others = trained.matching(adamw);
            Rule matrices = new Rules.MuonRule(this);
            Rule rest = new Rules.AdamWRule(beta1, beta2);
            return new RuleOptimizer(
                    t ->
                            t.value().getShape().dimension() < 2 || others.contains(t.path())
                                    ? rest
                                    : matrices,
                    weightDecay,
                    trained,
                    manager);
        }
    }

    private static void checkAdam(double beta1, double beta2, double eps, double weightDecay) {
        checkBetas(beta1, beta2, weightDecay);
        Check.positive("eps", eps);
    }

    private static void checkBetas(double beta1, double beta2, double weightDecay) {
        Check.rate("beta1", beta1);
        Check.rate("beta2", beta2);
        Check.notNegative("weightDecay", weightDecay);
    }
}
