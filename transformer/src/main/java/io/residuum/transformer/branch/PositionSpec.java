package io.residuum.transformer.branch;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;

/** Position encodings within attention. Positions added to embeddings are separate layers. */
public sealed interface PositionSpec
        permits PositionSpec.None, PositionSpec.Rotary, PositionSpec.Alibi {

    /** No positions. */
    PositionSpec NONE = new None();

    /** No positions. */
    @TypeName("none")
    @Doc("Attention does not see positions.")
    record None() implements PositionSpec {}

    /**
     * Rotary positions: rotates pairs of elements of each query and key by angles proportional to
     * their position (Su et al. 2021, arXiv:2104.09864).
     *
     * @param base base of the frequencies. Default: 10000
     * @param interleaved whether neighbours form a pair, as in the paper and the published Llama.
     *     If not, elements half a head apart do, as in GPT-NeoX and in Llama of transformers.
     *     Default: false
     * @param scaling scaling of the frequencies for longer texts. Default: none
     * @param width number of elements of each head that are rotated, the first ones; 0 for all
     *     (Wang and Komatsuzaki 2021, GPT-J). Default: 0
     */
    @WithBuilder
    @TypeName("rotary")
    @Doc("Rotary positions: rotates pairs of elements of each query and key by their position.")
    record Rotary(
            @Default("10000.0") double base,
            @Default("false") boolean interleaved,
            @Default("\"none\"") RotaryScaling scaling,
            @Default("0") int width)
            implements PositionSpec, PositionSpecRotaryBuilder.With {
        public Rotary {
            Check.that(base > 1, "base must be greater than 1, got %s", base);
            Check.that(
                    width >= 0 && width % 2 == 0,
                    "width must be an even number or 0 for the whole head, got %s",
                    width);
        }

        /**
         * Creates positions that rotate whole heads.
         *
         * @param base base of the frequencies
         * @param interleaved whether neighbours form a pair
         * @param scaling scaling of the frequencies
         */
        public Rotary(double base, boolean interleaved, RotaryScaling scaling) {
            this(base, interleaved, scaling, 0);
        }

        /** {@return the number of rotated elements of a head of a width} */
        int rotated(int head) {
            return width == 0 ? head : width;
        }
    }

    /**
     * Attention with linear biases: each head prefers near keys, by its own slope (Press et al.
     * 2022, arXiv:2108.12409, Section 3). Attention that is not causal uses the absolute distance.
     *
     * @param scale factor of the slopes; Falcon scales the biases with the scores. Default: 1
     */
    @TypeName("alibi")
    @Doc("Attention with linear biases: each head prefers near keys, by its own slope.")
    record Alibi(@Default("1.0") double scale) implements PositionSpec {
        public Alibi {
            Check.that(
                    scale > 0 && Double.isFinite(scale), "scale must be positive, got %s", scale);
        }

        /** Creates biases with the slopes of the paper. */
        public Alibi() {
            this(1);
        }

        /**
         * {@return one positive slope per head, a geometric series as in the paper}
         *
         * <p>If the number of heads is no power of two, the slopes of the next lower power come
         * first, then every second slope of the next higher power.
         *
         * @param heads the number of heads
         */
        static double[] slopes(int heads) {
            int power = Integer.highestOneBit(heads);
            double[] slopes = new double[heads];
            for (int h = 0; h < heads; h++) {
                double exponent =
                        h < power
                                ? -8.0 * (h + 1) / power
                                : -8.0 * (2 * (h - power) + 1) / (2 * power);
                slopes[h] = Math.pow(2, exponent);
            }
            return slopes;
        }
    }
}
