package io.residuum.transformer.branch;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;

/** Position encodings within attention. Positions added to embeddings are separate layers. */
public sealed interface PositionSpec
        permits PositionSpec.None,
                PositionSpec.Rotary,
                PositionSpec.Alibi,
                PositionSpec.Relative {

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
     */
    @WithBuilder
    @TypeName("rotary")
    @Doc("Rotary positions: rotates pairs of elements of each query and key by their position.")
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
     * A learned bias of each head for each distance (Raffel et al. 2020, arXiv:1910.10683, Section
     * 2.1). Half of the buckets hold one distance each, the others logarithmic ranges. Attention
     * that is not causal has separate buckets for later keys. The parameter is {@code relativeBias
     * (buckets, heads)}.
     *
     * @param buckets number of buckets. Default: 32
     * @param maxDistance distance from which on all keys share a bucket. Default: 128
     * @param table path of the table of another attention layer, relative to this layer's parent or
     *     any layer around it; empty for a separate table. Default: empty
     * @param perBlock whether each of several transformer blocks has a table, instead of the first
     *     one for all. Default: false
     */
    @WithBuilder
    @TypeName("relative")
    @Doc("A learned bias of each head for each distance, in buckets.")
    record Relative(
            @Default("32") int buckets,
            @Default("128") int maxDistance,
            @Default("\"\"") String table,
            @Default("false") boolean perBlock)
            implements PositionSpec, PositionSpecRelativeBuilder.With {
        public Relative {
            Check.that(
                    buckets >= 4 && buckets % 2 == 0,
                    "buckets must be even and 4 or more, got %s",
                    buckets);
            Check.that(
                    maxDistance > buckets / 2,
                    "maxDistance must be greater than half of the %s buckets, got %s",
                    buckets,
                    maxDistance);
        }

        /** {@return the bucket of a key, {@code offset} positions after the query} */
        int bucket(int offset, boolean causal) {
            int side = causal ? buckets : buckets / 2;
            int first = offset > 0 && !causal ? side : 0;
            int distance = causal ? Math.max(0, -offset) : Math.abs(offset);
            int exact = side / 2;
            if (distance < exact) {
                return first + distance;
            }
            // In float, as where the published weights were trained: buckets begin at powers.
            float octaves = (float) Math.log((float) distance / exact);
            float all = (float) Math.log((double) maxDistance / exact);
            int range = (int) (octaves / all * (side - exact));
            return first + Math.min(exact + range, side - 1);
        }
    }

    /**
     * Attention with linear biases: each head prefers near keys, by its own slope (Press et al.
     * 2022, arXiv:2108.12409, Section 3). Attention that is not causal uses the absolute distance.
     */
    @TypeName("alibi")
    @Doc("Attention with linear biases: each head prefers near keys, by its own slope.")
    record Alibi() implements PositionSpec {

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
