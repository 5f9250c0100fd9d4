package io.residuum.transformer.blocks;

import io.residuum.residual.MergeSpec;
import io.residuum.residual.NormActivation;
import io.residuum.residual.ResidualBuilder;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.NormSpec;

/** Positions of the norms in a transformer's units: settings of the one residual unit. */
public sealed interface NormPlacement
        permits NormPlacement.Pre,
                NormPlacement.Post,
                NormPlacement.Sandwich,
                NormPlacement.ResPost,
                NormPlacement.Parallel,
                NormPlacement.DeepNorm {

    /** Ahead of each branch. */
    NormPlacement PRE = new Pre();

    /** Behind each sum. */
    NormPlacement POST = new Post();

    /**
     * Puts the norms of one unit in place.
     *
     * @param unit the unit, with its branch
     * @param norm the norm
     * @param depth how many blocks there are
     * @return the unit
     */
    ResidualBuilder place(ResidualBuilder unit, NormSpec norm, int depth);

    /**
     * Returns the factor of the first weights of values, outputs and feed-forward networks.
     *
     * @param depth how many blocks there are
     * @return by default 1
     */
    default double gain(int depth) {
        return 1;
    }

    /**
     * Checks if a norm follows every sum. If not, one norm follows the last block.
     *
     * @return true for post and deepNorm
     */
    default boolean normsSum() {
        return this instanceof Post || this instanceof DeepNorm;
    }

    /** Ahead of each branch (Radford et al. 2019; Xiong et al. 2020, arXiv:2002.04745). */
    @TypeName("pre")
    @Doc("Norms ahead of each branch.")
    record Pre() implements NormPlacement {
        @Override
        public ResidualBuilder place(ResidualBuilder unit, NormSpec norm, int depth) {
            return unit.before(NormActivation.of(norm));
        }
    }

    /** Behind each sum (Vaswani et al. 2017, arXiv:1706.03762). */
    @TypeName("post")
    @Doc("Norms behind each sum.")
    record Post() implements NormPlacement {
        @Override
        public ResidualBuilder place(ResidualBuilder unit, NormSpec norm, int depth) {
            return unit.after(NormActivation.of(norm));
        }
    }

    /** Ahead of and behind each branch (Ding et al. 2021, arXiv:2105.13290, Section 3.2). */
    @TypeName("sandwich")
    @Doc("Norms ahead of and behind each branch.")
    record Sandwich() implements NormPlacement {
        @Override
        public ResidualBuilder place(ResidualBuilder unit, NormSpec norm, int depth) {
            return unit.before(NormActivation.of(norm)).afterBranch(NormActivation.of(norm));
        }
    }

    /** Behind each branch, ahead of the sum (Liu et al. 2022, arXiv:2111.09883, Section 3.2). */
    @TypeName("resPost")
    @Doc("Norms behind each branch, ahead of the sum.")
    record ResPost() implements NormPlacement {
        @Override
        public ResidualBuilder place(ResidualBuilder unit, NormSpec norm, int depth) {
            return unit.afterBranch(NormActivation.of(norm));
        }
    }

    /** One norm ahead of attention and feed-forward side by side (Wang and Komatsuzaki 2021). */
    @TypeName("parallel")
    @Doc("One norm ahead of attention and feed-forward side by side, one sum.")
    record Parallel() implements NormPlacement {
        @Override
        public ResidualBuilder place(ResidualBuilder unit, NormSpec norm, int depth) {
            return PRE.place(unit, norm, depth);
        }
    }

    /**
     * Behind each sum, in which shortcuts weigh alpha; first weights are multiplied by beta (Wang
     * et al. 2022, arXiv:2203.00555, Section 4).
     *
     * @param alpha the weight of shortcuts; 0 for {@code (2 L)^(1/4)}, as for L blocks of an
     *     encoder or a decoder alone. Default: 0
     * @param beta the factor of first weights; 0 for {@code (8 L)^(-1/4)}. Default: 0
     */
    @TypeName("deepNorm")
    @Doc("Norms behind each sum, in which shortcuts weigh alpha: Wang et al. 2022.")
    record DeepNorm(@Default("0.0") double alpha, @Default("0.0") double beta)
            implements NormPlacement {
        public DeepNorm {
            Check.that(
                    alpha >= 0 && Double.isFinite(alpha), "alpha must be 0 or more, got %s", alpha);
            Check.that(beta >= 0 && Double.isFinite(beta), "beta must be 0 or more, got %s", beta);
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
         * The constants of an encoder that a decoder reads (Wang et al. 2022, Figure 2), for those
         * that are not given.
         *
         * @param depth N, its blocks
         * @param decoderDepth M, the decoder's
         * @return alpha {@code 0.81 (N^4 M)^(1/16)}, beta {@code 0.87 (N^4 M)^(-1/16)}
         */
        public DeepNorm ofEncoder(int depth, int decoderDepth) {
            double power = Math.pow(Math.pow(depth, 4) * decoderDepth, 1.0 / 16);
            return orElse(0.81 * power, 0.87 / power);
        }

        /**
         * The constants of a decoder that reads an encoder (Wang et al. 2022, Figure 2), for those
         * that are not given.
         *
         * @param depth M, its blocks
         * @return alpha {@code (3 M)^(1/4)}, beta {@code (12 M)^(-1/4)}
         */
        public DeepNorm ofDecoder(int depth) {
            return orElse(Math.pow(3.0 * depth, 0.25), Math.pow(12.0 * depth, -0.25));
        }

        private DeepNorm orElse(double otherAlpha, double otherBeta) {
            return new DeepNorm(alpha == 0 ? otherAlpha : alpha, beta == 0 ? otherBeta : beta);
        }
    }
}
