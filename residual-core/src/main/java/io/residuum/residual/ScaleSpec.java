package io.residuum.residual;

import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.nn.ActivationBlock;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.TypeName;

/** A setting for the factor of a branch. */
public sealed interface ScaleSpec permits ScaleSpec.None, ScaleSpec.Constant, ScaleSpec.Learned {

    /** No factor. */
    ScaleSpec NONE = new None();

    /**
     * {@return the layer}
     *
     * @param input the shape of its input
     */
    Layer newBlock(Shape input);

    /** No factor. */
    @TypeName("none")
    @Doc("No factor.")
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
    @Doc("A fixed factor.")
    record Constant(double value) implements ScaleSpec {
        public Constant {
            Check.finite("value", value);
        }

        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(
                    input, "Times(" + value + ")", x -> Ops.of(x.getManager()).mul(x, value));
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
    @Doc("A learned factor: one for the branch (ReZero) or one per channel (LayerScale).")
    record Learned(@Default("0.0") double init, @Default("false") boolean perChannel)
            implements ScaleSpec {
        public Learned {
            Check.finite("init", init);
        }

        @Override
        public Layer newBlock(Shape input) {
            return new ScaleBlock(input, init, perChannel);
        }
    }
}
