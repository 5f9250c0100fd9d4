package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.nn.ActivationBlock;
import io.residuum.nn.Chain;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Layer;
import io.residuum.nn.PReluBlock;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An activation function, applied to each element, or softmax along an axis. This type is open: a
 * {@link io.residuum.spec.RecordProvider} registers other records for JSON.
 */
public interface ActivationSpec {

    /** No activation. */
    ActivationSpec NONE = new None();

    /**
     * min(max(x, -bound), bound) (Collobert 2004).
     *
     * @param bound the largest magnitude. Default: 1
     */
    @TypeName("hardTanh")
    record HardTanh(@Default("1.0") double bound) implements ActivationSpec {
        public HardTanh {
            Check.positive("bound", bound);
        }

        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(
                    input,
                    "HardTanh(" + bound + ")",
                    1,
                    x -> {
                        Ops ops = Ops.of(x.getManager());
                        return ops.maximum(ops.minimum(x, bound), -bound);
                    });
        }
    }

    /** max(0, x). */
    ActivationSpec RELU = new Relu();

    /** The largest slope of GELU and of its approximation by tanh, rounded up; at about 1.41. */
    double GELU_SLOPE = 1.12905;

    /** The largest slope of SiLU and of x sigmoid(1.702 x), rounded up. */
    double SILU_SLOPE = 1.09985;

    /** The largest slope of Mish, rounded up. */
    double MISH_SLOPE = 1.0885;

    /** {@return the layer; an identity for {@link None}} */
    Layer newBlock(Shape input);

    /** No activation. */
    @TypeName("none")
    record None() implements ActivationSpec {
        @Override
        public Layer newBlock(Shape input) {
            return new IdentityBlock(input);
        }
    }

    /**
     * cap tanh(x / cap), a bound of logits (Gemma Team 2024, arXiv:2408.00118, Section 2).
     *
     * @param cap the bound
     */
    @TypeName("softCap")
    record SoftCap(double cap) implements ActivationSpec {
        public SoftCap {
            Check.positive("cap", cap);
        }

        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(
                    input,
                    "SoftCap(" + cap + ")",
                    1,
                    x -> {
                        Ops ops = Ops.of(x.getManager());
                        return ops.mul(ops.div(x, cap).tanh(), cap);
                    });
        }
    }

    /** max(0, x). */
    @TypeName("relu")
    record Relu() implements ActivationSpec {
        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(input, "ReLU", 1, x -> x.getNDArrayInternal().relu());
        }
    }

    /** x Phi(x), exact (Hendrycks and Gimpel 2016). */
    @TypeName("gelu")
    record Gelu() implements ActivationSpec {
        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(
                    input, "GELU", GELU_SLOPE, x -> x.getNDArrayInternal().gelu());
        }
    }

    /** The tanh approximation of GELU (Hendrycks and Gimpel 2016, Section 2), as in GPT-2. */
    @TypeName("geluTanh")
    record GeluTanh() implements ActivationSpec {
        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(input, "GELU(tanh)", GELU_SLOPE, ActivationBlock::geluTanh);
        }
    }

    /** x sigmoid(x) (Elfwing et al. 2018), also called swish. */
    @TypeName("silu")
    record Silu() implements ActivationSpec {
        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(
                    input, "SiLU", SILU_SLOPE, x -> Ops.of(x.getManager()).silu(x));
        }
    }

    /** x tanh(softplus(x)) (Misra 2019). */
    @TypeName("mish")
    record Mish() implements ActivationSpec {
        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(input, "Mish", MISH_SLOPE, ActivationBlock::mish);
        }
    }

    /** 1 / (1 + exp(-x)). */
    @TypeName("sigmoid")
    record Sigmoid() implements ActivationSpec {
        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(
                    input, "Sigmoid", 0.25, x -> x.getNDArrayInternal().sigmoid());
        }
    }

    /** The hyperbolic tangent. */
    @TypeName("tanh")
    record Tanh() implements ActivationSpec {
        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(input, "Tanh", 1, x -> x.getNDArrayInternal().tanh());
        }
    }

    /**
     * max(slope x, x) (Maas et al. 2013).
     *
     * @param slope the factor of negative values. Default: 0.01
     */
    @TypeName("leakyRelu")
    record LeakyRelu(@Default("0.01") double slope) implements ActivationSpec {
        public LeakyRelu {
            Check.finite("slope", slope);
        }

        @Override
        public Layer newBlock(Shape input) {
            String name = Math.abs(slope) <= 1 ? "LeakyReLU" : "LeakyReLU(" + slope + ")";
            return new ActivationBlock(
                    input,
                    name,
                    Math.max(1, Math.abs(slope)),
                    x -> x.getNDArrayInternal().leakyRelu((float) slope));
        }
    }

    /**
     * x for positive x, else alpha (exp(x) - 1) (Clevert et al. 2016).
     *
     * @param alpha the negated limit at minus infinity. Default: 1.0
     */
    @TypeName("elu")
    record Elu(@Default("1.0") double alpha) implements ActivationSpec {
        public Elu {
            Check.finite("alpha", alpha);
        }

        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(
                    input,
                    "ELU",
                    Math.max(1, Math.abs(alpha)),
                    x -> x.getNDArrayInternal().elu((float) alpha));
        }
    }

    /** relu6(x + 3) / 6 (Howard et al. 2019). */
    @TypeName("hardSigmoid")
    record HardSigmoid() implements ActivationSpec {
        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(input, "HardSigmoid", 1 / 6.0, ActivationBlock::hardSigmoid);
        }
    }

    /** x relu6(x + 3) / 6 (Howard et al. 2019), as in MobileNetV3. */
    @TypeName("hardSwish")
    record HardSwish() implements ActivationSpec {
        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(
                    input, "HardSwish", 1.5, x -> ActivationBlock.hardSigmoid(x).mul(x));
        }
    }

    /**
     * x for positive x, else a learned slope times x (He et al. 2015, arXiv:1502.01852).
     *
     * @param init the initial slope. Default: 0.25
     * @param perChannel true for one slope per channel, false for one slope. Default: false
     */
    @TypeName("prelu")
    record PRelu(@Default("0.25") double init, @Default("false") boolean perChannel)
            implements ActivationSpec {
        public PRelu {
            Check.finite("init", init);
        }

        @Override
        public Layer newBlock(Shape input) {
            return new PReluBlock(input, init, perChannel);
        }
    }

    /** x sigmoid(1.702 x) (Hendrycks and Gimpel 2016, Section 2), as in CLIP. */
    @TypeName("quickGelu")
    record QuickGelu() implements ActivationSpec {
        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(input, "QuickGELU", SILU_SLOPE, ActivationBlock::quickGelu);
        }
    }

    /** min(max(0, x), 6) (Krizhevsky 2010), as in MobileNetV2. */
    @TypeName("relu6")
    record Relu6() implements ActivationSpec {
        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(input, "ReLU6", 1, ActivationBlock::relu6);
        }
    }

    /** max(0, x) squared (So et al. 2021, Primer). */
    @TypeName("reluSquared")
    record ReluSquared() implements ActivationSpec {
        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(
                    input, "ReLUSquared", x -> x.getNDArrayInternal().relu().square());
        }
    }

    /** The self-normalizing ELU (Klambauer et al. 2017). */
    @TypeName("selu")
    record Selu() implements ActivationSpec {
        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(
                    input, "SELU", ActivationBlock.SELU_LIPSCHITZ, ActivationBlock::selu);
        }
    }

    /**
     * exp(x) divided by the sum of exp(x) along an axis.
     *
     * @param axis the axis, from 1, as 0 is the batch; negative values count from the last axis.
     *     Default: -1
     */
    @TypeName("softmax")
    record Softmax(@Default("-1") int axis) implements ActivationSpec {
        @Override
        public Layer newBlock(Shape input) {
            int rank = input.dimension();
            int along = axis < 0 ? axis + rank : axis;
            Check.that(
                    along > 0 && along < rank,
                    "axis must be in [1, %s] or [%s, -1] for the input %s, got %s",
                    rank - 1,
                    1 - rank,
                    input,
                    axis);
            return new ActivationBlock(input, "Softmax(" + along + ")", 1, x -> x.softmax(along));
        }
    }

    /** ln(1 + exp(x)) (Dugas et al. 2001). */
    @TypeName("softplus")
    record Softplus() implements ActivationSpec {
        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(input, "Softplus", 1, ActivationBlock::softplus);
        }
    }

    /**
     * A function times a constant: the activations of networks without norms (Brock et al. 2021,
     * arXiv:2102.06171, Section 2), or with {@code none} a constant factor.
     *
     * @param of the function
     * @param factor the constant
     */
    @TypeName("scaled")
    record Scaled(ActivationSpec of, double factor) implements ActivationSpec {
        public Scaled {
            Check.finite("factor", factor);
        }

        @Override
        public Layer newBlock(Shape input) {
            Map<String, Layer> layers = new LinkedHashMap<>();
            layers.put("activation", of.newBlock(input));
            layers.values().removeIf(IdentityBlock.class::isInstance);
            layers.put("factor", ActivationBlock.times(input, factor));
            return new Chain(input, layers);
        }
    }
}
