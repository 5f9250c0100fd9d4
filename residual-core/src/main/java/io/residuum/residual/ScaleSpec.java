package io.residuum.residual;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ActivationBlock;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.SpecException;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.Condition;
import io.residuum.spec.layers.InitSpec;
import java.util.List;

/** A setting for the factor of a branch. */
public sealed interface ScaleSpec
        permits ScaleSpec.None,
                ScaleSpec.Constant,
                ScaleSpec.Learned,
                ScaleSpec.Affine,
                ScaleSpec.ByDepth,
                ScaleSpec.Conditioned,
                ScaleSpec.ShakeDrop {

    /** No factor. */
    ScaleSpec NONE = new None();

    /** {@return the layer} */
    Layer newBlock(Shape input);

    /**
     * {@return this scale for a unit of a stack, as {@link io.residuum.spec.LayerSpec#atDepth}}
     *
     * @param unit the index of the unit, from 0
     * @param units the number of units
     */
    default ScaleSpec atDepth(int unit, int units) {
        return this;
    }

    /** No factor. */
    @TypeName("none")
    record None() implements ScaleSpec {
        @Override
        public Layer newBlock(Shape input) {
            return new IdentityBlock(input);
        }
    }

    /**
     * A fixed factor (Szegedy et al. 2017, Section 3.3).
     *
     * @param value the factor
     */
    @TypeName("constant")
    record Constant(double value) implements ScaleSpec {
        public Constant {
            Check.finite("value", value);
        }

        @Override
        public Layer newBlock(Shape input) {
            return ActivationBlock.times(input, value);
        }
    }

    /**
     * A learned factor. ReZero (Bachlechner et al. 2020) is one factor with init 0. LayerScale
     * (Touvron et al. 2021) is one factor per channel with init 1e-6. The parameter's path ends in
     * {@code scale.gamma}.
     *
     * @param init the initial factor. Default: 0
     * @param perChannel true for one factor per channel, false for one factor. Default: false
     */
    @TypeName("learned")
    record Learned(@Default("0.0") double init, @Default("false") boolean perChannel)
            implements ScaleSpec {
        public Learned {
            Check.finite("init", init);
        }

        @Override
        public Layer newBlock(Shape input) {
            return new ScaleBlock(input, init, perChannel, false);
        }
    }

    /**
     * A learned factor and offset (ResMLP, Touvron et al. 2021, arXiv:2105.03404, Section 2). The
     * parameters' paths end in {@code scale.gamma} and {@code scale.beta}.
     *
     * @param init the initial factor. Default: 1
     * @param perChannel true for one factor and offset per channel, false for one of each. Default:
     *     true
     */
    @TypeName("affine")
    record Affine(@Default("1.0") double init, @Default("true") boolean perChannel)
            implements ScaleSpec {
        public Affine {
            Check.finite("init", init);
        }

        @Override
        public Layer newBlock(Shape input) {
            return new ScaleBlock(input, init, perChannel, true);
        }
    }

    /** The dependence of a factor on the depth, for unit l of L units, counted from 1. */
    enum Schedule {
        /** {@code value / sqrt(L)} for all units. */
        UNIFORM,
        /** {@code value / sqrt(l)}. */
        DECREASING
    }

    /**
     * A fixed factor by depth, so that the signal stays bounded in deep networks: {@code uniform},
     * value / sqrt(L) (Hayou et al. 2021, "Stable ResNet", arXiv:2010.12859, Section 3), or {@code
     * decreasing}, value / sqrt(l), what batch norm does to the branches of a network at its start
     * (De and Smith 2020, arXiv:2002.10444, Section 2). An untied {@code repeat} and the families
     * know the depth of their units.
     *
     * @param value the factor before division. Default: 1
     * @param schedule {@code uniform} or {@code decreasing}. Default: uniform
     */
    @TypeName("byDepth")
    record ByDepth(@Default("1.0") double value, @Default("\"uniform\"") Schedule schedule)
            implements ScaleSpec {
        public ByDepth {
            Check.finite("value", value);
        }

        @Override
        public ScaleSpec atDepth(int unit, int units) {
            int depth = schedule == Schedule.UNIFORM ? units : unit + 1;
            return new Constant(value / Math.sqrt(depth));
        }

        @Override
        public Layer newBlock(Shape input) {
            throw unknownDepth("byDepth", "constant");
        }
    }

    /**
     * A factor per channel that a linear map computes from a side input, such as an embedding of a
     * time or a class. With the initial weights 0 the unit starts as the identity (adaLN-Zero,
     * Peebles and Xie 2023, arXiv:2212.09748, Section 3.2). Parameters are below {@code
     * scale.linear}. The norm {@code adaptive} and the layer {@code modulation} read the same side
     * input.
     *
     * @param condition the side input {@code (N, width)}
     * @param init the initial weights of the map, whose bias starts at 0. Default: 0
     */
    @TypeName("conditioned")
    record Conditioned(
            Condition condition, @Default("{\"type\": \"constant\", \"value\": 0}") InitSpec init)
            implements ScaleSpec {
        @Override
        public Layer newBlock(Shape input) {
            return condition.gate(input, init);
        }
    }

    /**
     * ShakeDrop (Yamada et al. 2019, arXiv:1802.02375, Section 3): in training {@code b + (1 - b)
     * a} with b = 0 at the rate and 1 otherwise, and a drawn from the range alpha. The backward
     * pass multiplies by another number, with a drawn from the range beta. In evaluation the factor
     * is the expectation.
     *
     * @param rate the probability of b = 0 in the last unit (in every unit with a constant
     *     schedule), in [0, 1). Default: 0.5
     * @param schedule the growth of the rate with depth, as in {@link StochasticDepth}. Default:
     *     linear
     * @param alpha the range in the forward pass. Default: -1 to 1
     * @param beta the range in the backward pass. Default: 0 to 1
     * @param mode {@code sample} to draw for each sample, {@code batch} for the complete batch.
     *     Default: sample
     */
    @TypeName("shakeDrop")
    record ShakeDrop(
            @Default("0.5") double rate,
            @Default("\"linear\"") StochasticDepth.Schedule schedule,
            @Default("[-1, 1]") List<Double> alpha,
            @Default("[0, 1]") List<Double> beta,
            @Default("\"sample\"") DropPath.Mode mode)
            implements ScaleSpec {
        public ShakeDrop {
            alpha = List.copyOf(alpha);
            beta = List.copyOf(beta);
            Check.rate("rate", rate);
            requireRange("alpha", alpha);
            requireRange("beta", beta);
            Check.that(
                    mode != DropPath.Mode.KEPT_SAMPLES,
                    "mode must be sample or batch in shakeDrop, which computes all samples, got"
                            + " kept-samples");
        }

        private static void requireRange(String name, List<Double> range) {
            Check.that(
                    range.size() == 2
                            && Double.isFinite(range.get(0))
                            && Double.isFinite(range.get(1))
                            && range.get(0) <= range.get(1),
                    "%s must be a range [low, high], got %s",
                    name,
                    range);
        }

        @Override
        public ScaleSpec atDepth(int unit, int units) {
            double at = rate * schedule.share(unit, units);
            return new ShakeDrop(at, StochasticDepth.Schedule.CONSTANT, alpha, beta, mode);
        }

        @Override
        public Layer newBlock(Shape input) {
            if (schedule != StochasticDepth.Schedule.CONSTANT) {
                throw unknownDepth("shakeDrop", "\"schedule\": \"constant\"");
            }
            return new ShakeDropBlock(input, this);
        }
    }

    private static SpecException unknownDepth(String scale, String instead) {
        return new SpecException(
                "scale %s needs the depth of its unit, found a unit outside of a stack: put it into an untied repeat or a family, or use %s"
                        .formatted(scale, instead));
    }
}
