package io.residuum.transformer.blocks;

import io.residuum.residual.MergeSpec;
import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.residual.ResidualBlock;
import io.residuum.residual.ResidualBuilder;
import io.residuum.residual.ShortcutSpec;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.NormSpec;

/**
 * The placement of the norms in a transformer block, as settings of the residual unit.
 *
 * <pre>
 * pre       x + F(norm(x))
 * post      norm(x + F(x))
 * sandwich  x + norm(F(norm(x)))
 * resPost   x + norm(F(x))
 * parallel  x + attention(norm(x)) + feedForward(norm(x))
 * deepNorm  norm(alpha x + F(x))
 * </pre>
 */
public sealed interface NormPlacement
        permits NormPlacement.Pre,
                NormPlacement.Post,
                NormPlacement.Sandwich,
                NormPlacement.ResPost,
                NormPlacement.Parallel,
                NormPlacement.DeepNorm {

    /** A norm before each branch, which GPT-2 and most later models use. */
    NormPlacement PRE = new Pre();

    /** A norm after each sum, as in the original transformer. */
    NormPlacement POST = new Post();

    /**
     * Adds the norms to a residual unit.
     *
     * @param unit the unit with its branch
     * @param norm the kind of norm
     * @param depth the number of transformer blocks
     */
    ResidualBuilder place(ResidualBuilder unit, NormSpec norm, int depth);

    /**
     * {@return the factor of the initial weights of values, attention outputs and feed-forward
     * networks; 1 by default}
     *
     * @param depth the number of transformer blocks
     */
    default double gain(int depth) {
        return 1;
    }

    /**
     * {@return true if every sum is normalized, as with post and deepNorm}
     *
     * <p>If not, models add one norm after the last block.
     */
    default boolean normsSum() {
        return this instanceof Post || this instanceof DeepNorm;
    }

    /**
     * Pre-LN, a norm before each branch: {@code x + F(norm(x))} (Radford et al. 2019; Xiong et al.
     * 2020, arXiv:2002.04745).
     *
     * @param tap tensor that the shortcut reads: the unit's input, or that after the norm, {@code
     *     norm(x) + F(norm(x))}. Default: input
     */
    @TypeName("pre")
    record Pre(@Default("\"input\"") ResidualBlock.Tap tap) implements NormPlacement {
        public Pre {
            Check.that(
                    tap == ResidualBlock.Tap.INPUT || tap == ResidualBlock.Tap.BEFORE,
                    "tap must be input or before, got %s",
                    tap);
        }

        /** Creates units whose shortcuts read their inputs. */
        public Pre() {
            this(ResidualBlock.Tap.INPUT);
        }

        @Override
        public ResidualBuilder place(ResidualBuilder unit, NormSpec norm, int depth) {
            return unit.before(NormActivation.of(norm)).tap(tap);
        }
    }

    /**
     * Post-LN, a norm after each sum: {@code norm(x + F(x))} (Vaswani et al. 2017,
     * arXiv:1706.03762).
     */
    @TypeName("post")
    record Post() implements NormPlacement {
        @Override
        public ResidualBuilder place(ResidualBuilder unit, NormSpec norm, int depth) {
            return unit.after(NormActivation.of(norm));
        }
    }

    /**
     * Sandwich-LN, norms before and after each branch: {@code x + norm(F(norm(x)))} (Ding et al.
     * 2021, arXiv:2105.13290, Section 3.2).
     */
    @TypeName("sandwich")
    record Sandwich() implements NormPlacement {
        @Override
        public ResidualBuilder place(ResidualBuilder unit, NormSpec norm, int depth) {
            return unit.before(NormActivation.of(norm)).afterBranch(NormActivation.of(norm));
        }
    }

    /**
     * Res-post-norm, a norm after each branch: {@code x + norm(F(x))}, as in Swin V2 (Liu et al.
     * 2022, arXiv:2111.09883, Section 3.2).
     */
    @TypeName("resPost")
    record ResPost() implements NormPlacement {
        @Override
        public ResidualBuilder place(ResidualBuilder unit, NormSpec norm, int depth) {
            return unit.afterBranch(NormActivation.of(norm));
        }
    }

    /**
     * Attention and feed-forward in parallel after a norm: {@code x + attention(norm(x)) +
     * feedForward(norm(x))}, as in GPT-J (Wang and Komatsuzaki 2021).
     *
     * @param norms 1 for a norm that both branches read, 2 for a norm of each branch, as in
     *     GPT-NeoX. Default: 1
     */
    @TypeName("parallel")
    record Parallel(@Default("1") int norms) implements NormPlacement {
        public Parallel {
            Check.that(norms == 1 || norms == 2, "norms must be 1 or 2, got %s", norms);
        }

        /** Creates branches that share a norm. */
        public Parallel() {
            this(1);
        }

        @Override
        public ResidualBuilder place(ResidualBuilder unit, NormSpec norm, int depth) {
            return norms == 1 ? PRE.place(unit, norm, depth) : unit;
        }

        /** {@return a branch, after its norm if it has one} */
        LayerSpec branch(String name, LayerSpec branch, NormSpec norm) {
            return norms == 1
                    ? branch
                    : Residual.builder(name, branch)
                            .before(NormActivation.of(norm))
                            .shortcut(new ShortcutSpec.None())
                            .build();
        }
    }

    /**
     * DeepNorm, post-LN with weighted shortcuts and smaller initial weights: {@code norm(alpha x +
     * F(x))} (Wang et al. 2022, arXiv:2203.00555, Section 4). The defaults are those of L blocks
     * that form an encoder or a decoder alone.
     *
     * @param alpha weight of the shortcuts; 0 for {@code (2 L)^(1/4)}. Default: 0
     * @param beta factor of the initial weights; 0 for {@code (8 L)^(-1/4)}. Default: 0
     */
    @TypeName("deepNorm")
    record DeepNorm(@Default("0.0") double alpha, @Default("0.0") double beta)
            implements NormPlacement {

        public DeepNorm {
            Check.notNegative("alpha", alpha);
            Check.notNegative("beta", beta);
        }

        @Override
        public ResidualBuilder place(ResidualBuilder unit, NormSpec norm, int depth) {
            double weight = alpha == 0 ? Math.pow(2.0 * depth, 0.25) : alpha;
            return unit.merge(new MergeSpec.Add(weight, 1)).after(NormActivation.of(norm));
        }

        @Override
        public double gain(int depth) {
            return beta == 0 ? Math.pow(8.0 * depth, -0.25) : beta;
        }

        /**
         * {@return the constants of an encoder with a decoder (Figure 2 of the paper)}
         *
         * <p>A constant that is 0 becomes alpha {@code 0.81 (N^4 M)^(1/16)} or beta {@code 0.87
         * (N^4 M)^(-1/16)}.
         *
         * @param depth N, the number of encoder blocks
         * @param decoderDepth M, the number of decoder blocks
         */
        public DeepNorm ofEncoder(int depth, int decoderDepth) {
            double power = Math.pow(Math.pow(depth, 4) * decoderDepth, 1.0 / 16);
            return orElse(0.81 * power, 0.87 / power);
        }

        /**
         * {@return the constants of a decoder with an encoder (Figure 2 of the paper)}
         *
         * <p>A constant that is 0 becomes alpha {@code (3 M)^(1/4)} or beta {@code (12 M)^(-1/4)}.
         *
         * @param depth M, the number of decoder blocks
         */
        public DeepNorm ofDecoder(int depth) {
            return orElse(Math.pow(3.0 * depth, 0.25), Math.pow(12.0 * depth, -0.25));
        }

        private DeepNorm orElse(double otherAlpha, double otherBeta) {
            return new DeepNorm(alpha == 0 ? otherAlpha : alpha, beta == 0 ? otherBeta : beta);
        }
    }
}
