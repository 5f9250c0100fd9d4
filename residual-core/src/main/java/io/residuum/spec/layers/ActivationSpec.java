package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.nn.ActivationBlock;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.TypeName;

/** An activation function, applied to each element. */
public sealed interface ActivationSpec
        permits ActivationSpec.None,
                ActivationSpec.Relu,
                ActivationSpec.Gelu,
                ActivationSpec.GeluTanh,
                ActivationSpec.Silu,
                ActivationSpec.Mish,
                ActivationSpec.Sigmoid,
                ActivationSpec.Tanh,
                ActivationSpec.LeakyRelu,
                ActivationSpec.Elu {

    /** No activation. */
    ActivationSpec NONE = new None();

    /** max(0, x). */
    ActivationSpec RELU = new Relu();

    /**
     * {@return the layer; an identity for {@link None}}
     *
     * @param input the shape of its input
     */
    Layer newBlock(Shape input);

    /** No activation. */
    @TypeName("none")
    @Doc("No activation.")
    record None() implements ActivationSpec {
        @Override
        public Layer newBlock(Shape input) {
            return new IdentityBlock(input);
        }
    }

    /** max(0, x). */
    @TypeName("relu")
    @Doc("max(0, x).")
    record Relu() implements ActivationSpec {
        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(input, "ReLU", x -> x.getNDArrayInternal().relu());
        }
    }

    /** x Phi(x), exact (Hendrycks and Gimpel 2016). */
    @TypeName("gelu")
    @Doc("x Phi(x), exact (Hendrycks and Gimpel 2016).")
    record Gelu() implements ActivationSpec {
        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(input, "GELU", x -> x.getNDArrayInternal().gelu());
        }
    }

    /** The tanh approximation of GELU (Hendrycks and Gimpel 2016, Section 2), as in GPT-2. */
    @TypeName("geluTanh")
    @Doc("The tanh approximation of GELU (Hendrycks and Gimpel 2016, Section 2), as in GPT-2.")
    record GeluTanh() implements ActivationSpec {
        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(input, "GELU(tanh)", ActivationBlock::geluTanh);
        }
    }

    /** x sigmoid(x) (Elfwing et al. 2018), also called swish. */
    @TypeName("silu")
    @Doc("x sigmoid(x) (Elfwing et al. 2018), also called swish.")
    record Silu() implements ActivationSpec {
        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(input, "SiLU", x -> Ops.of(x.getManager()).silu(x));
        }
    }

    /** x tanh(softplus(x)) (Misra 2019). */
    @TypeName("mish")
    @Doc("x tanh(softplus(x)) (Misra 2019).")
    record Mish() implements ActivationSpec {
        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(input, "Mish", ActivationBlock::mish);
        }
    }

    /** 1 / (1 + exp(-x)). */
    @TypeName("sigmoid")
    @Doc("1 / (1 + exp(-x)).")
    record Sigmoid() implements ActivationSpec {
        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(input, "Sigmoid", x -> x.getNDArrayInternal().sigmoid());
        }
    }

    /** The hyperbolic tangent. */
    @TypeName("tanh")
    @Doc("The hyperbolic tangent.")
    record Tanh() implements ActivationSpec {
        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(input, "Tanh", x -> x.getNDArrayInternal().tanh());
        }
    }

    /**
     * max(slope x, x) (Maas et al. 2013).
     *
     * @param slope the factor of negative values. Default: 0.01
     */
    @TypeName("leakyRelu")
    @Doc("max(slope x, x) (Maas et al. 2013).")
    record LeakyRelu(@Default("0.01") double slope) implements ActivationSpec {
        public LeakyRelu {
            Check.finite("slope", slope);
        }

        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(
                    input, "LeakyReLU", x -> x.getNDArrayInternal().leakyRelu((float) slope));
        }
    }

    /**
     * x for positive x, else alpha (exp(x) - 1) (Clevert et al. 2016).
     *
     * @param alpha the negated limit at minus infinity. Default: 1.0
     */
    @TypeName("elu")
    @Doc("x for positive x, else alpha (exp(x) - 1) (Clevert et al. 2016).")
    record Elu(@Default("1.0") double alpha) implements ActivationSpec {
        public Elu {
            Check.finite("alpha", alpha);
        }

        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(
                    input, "ELU", x -> x.getNDArrayInternal().elu((float) alpha));
        }
    }
}
