package io.residuum.transformer.branch;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;

/** Positions within attention. Positions added to embeddings are separate layers. */
public sealed interface PositionSpec
        permits PositionSpec.None, PositionSpec.Rotary, PositionSpec.Alibi {

    /** Not at all. */
    PositionSpec NONE = new None();

    /** Not at all. */
    @TypeName("none")
    @Doc("Attention does not see positions.")
    record None() implements PositionSpec {}

    /**
     * Rotary positions: pairs of each query and key turn with their position (Su et al. 2021,
     * arXiv:2104.09864).
     *
     * @param base the base of the frequencies. Default: 10000
     * @param interleaved whether neighbours are a pair (the paper, the published Llama), rather
     *     than elements half a head apart (GPT-NeoX, Llama in transformers). Default: false
     * @param scaling for longer texts. Default: none
     */
    @WithBuilder
    @TypeName("rotary")
    @Doc("Rotary positions: pairs of each query and key turn with their position.")
    record Rotary(
            @Default("10000.0") double base,
            @Default("false") boolean interleaved,
            @Default("\"none\"") RotaryScaling scaling)
            implements PositionSpec, PositionSpecRotaryBuilder.With {
        public Rotary {
            Check.that(base > 1, "base must be greater than 1, got %s", base);
        }
    }

    /**
     * Attention with linear biases: each head prefers near keys, by a slope of its own (Press et
     * al. 2022, arXiv:2108.12409, Section 3); by absolute distance where it is not causal.
     */
    @TypeName("alibi")
    @Doc("Attention with linear biases: each head prefers near keys, by a slope of its own.")
    record Alibi() implements PositionSpec {

        /**
         * The slopes of the paper: a geometric series; for a number of heads that is no power of
         * two, the series of the power below and every second of the power above.
         *
         * @param heads how many
         * @return a positive slope a head
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
