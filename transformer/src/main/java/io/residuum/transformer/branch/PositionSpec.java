package io.residuum.transformer.branch;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.layers.Size2d;

/** Position encodings within attention. Positions added to embeddings are separate layers. */
public sealed interface PositionSpec
        permits PositionSpec.None,
                PositionSpec.Rotary,
                RotaryGrid,
                PositionSpec.Alibi,
                PositionSpec.RelativeTable,
                PositionSpec.RelativeNetwork,
                PositionSpec.Relative,
                Disentangled {

    /** No positions. */
    PositionSpec NONE = new None();

    /** {@return a word for it} */
    String describe();

    /** {@return true if a learned bias depends on the positions of a query and a key} */
    default boolean isRelative() {
        return false;
    }

    /**
     * {@return these positions with the table of another attention layer; by default the same,
     * since they have no table to share}
     *
     * @param attention the path of the other layer
     */
    default PositionSpec sharing(String attention) {
        return this;
    }

    /** {@return true if blocks share one table of these positions} */
    default boolean sharesTable() {
        return !sharing("0").equals(this);
    }

    /** {@return the number of products that are summed to scores; by default 1} */
    default int terms() {
        return 1;
    }

    /**
     * {@return these positions for a grid; by default the same}
     *
     * @param grid the number of rows and columns
     */
    default PositionSpec onGrid(Size2d grid) {
        return this;
    }

    /**
     * {@return these positions for a grid that follows tokens; by default the same}
     *
     * @param count the number of tokens
     */
    default PositionSpec afterTokens(int count) {
        return this;
    }

    /** No positions: attention does not see the order of tokens. */
    @TypeName("none")
    record None() implements PositionSpec {
        @Override
        public String describe() {
            return "no positions";
        }
    }

    /**
     * Rotary positions: rotates pairs of elements of each query and key by angles proportional to
     * their position (Su et al. 2021, arXiv:2104.09864).
     *
     * @param base base of the frequencies. Default: 10000
     * @param interleaved true if neighbours form a pair, as in the paper and the published Llama.
     *     If not, elements half a head apart do, as in GPT-NeoX and in Llama of transformers.
     *     Default: false
     * @param scaling scaling of the frequencies for longer texts. Default: none
     * @param width number of elements of each head that are rotated, the first ones; 0 for all
     *     (Wang and Komatsuzaki 2021, GPT-J). Default: 0
     * @param sameOrder true if files of other libraries hold the rows of queries and keys in the
     *     order of this layer, as those of Helium and GLM do. If not, import and export reorder
     *     them as for Llama. Default: false
     */
    @WithBuilder
    @TypeName("rotary")
    record Rotary(
            @Default("10000.0") double base,
            @Default("false") boolean interleaved,
            @Default("\"none\"") RotaryScaling scaling,
            @Default("0") int width,
            @Default("false") boolean sameOrder)
            implements PositionSpec, Rotation, PositionSpecRotaryBuilder.With {
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
         * @param interleaved true if neighbours form a pair
         * @param scaling scaling of the frequencies
         */
        public Rotary(double base, boolean interleaved, RotaryScaling scaling) {
            this(base, interleaved, scaling, 0, false);
        }

        @Override
        public int rotated(int head) {
            return width == 0 ? head : width;
        }

        @Override
        public double[] angles(int rotated, int first, int length) {
            double[] frequencies = scaling.frequencies(base, rotated, first + length);
            double[] angles = new double[length * frequencies.length];
            for (int i = 0; i < angles.length; i++) {
                angles[i] = (first + i / frequencies.length) * frequencies[i % frequencies.length];
            }
            return angles;
        }

        @Override
        public double factor() {
            return scaling.factorOfScores();
        }

        @Override
        public void requireFit(int head) {
            if (head % 2 != 0) {
                throw new IllegalArgumentException(
                        "rotary positions need an even head width, got " + head);
            }
            if (width > head) {
                throw new IllegalArgumentException(
                        "the width of rotary positions must be at most that of a head, %d, got %d"
                                .formatted(head, width));
            }
        }

        @Override
        public String describe() {
            return "rotary";
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
     * @param perBlock true if each of several transformer blocks has a table, instead of the first
     *     one for all. Default: false
     */
    @WithBuilder
    @TypeName("relative")
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

        @Override
        public boolean isRelative() {
            return true;
        }

        @Override
        public String describe() {
            return "relative bias";
        }

        @Override
        public PositionSpec sharing(String attention) {
            return table.isEmpty() && !perBlock ? withTable(attention + ".relativeBias") : this;
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
     *
     * @param scale factor of the slopes; Falcon scales the biases with the scores. Default: 1
     */
    @TypeName("alibi")
    record Alibi(@Default("1.0") double scale) implements PositionSpec {
        public Alibi {
            Check.positive("scale", scale);
        }

        /** Creates biases with the slopes of the paper. */
        public Alibi() {
            this(1);
        }

        @Override
        public String describe() {
            return "ALiBi";
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

    /**
     * A learned bias per head for each distance between two positions of a grid (Liu et al. 2021,
     * arXiv:2103.14030, Section 3.2). Parameter: {@code positions.table} {@code ((2 rows - 1) (2
     * columns - 1), heads)}.
     *
     * @param grid rows and columns of the sequence; 0 for those of a window, or a square of all
     *     positions. Default: 0
     * @param token true if a class token precedes the grid. It adds three rows to the table: token
     *     to grid, grid to token, token to token (Bao et al. 2022, arXiv:2106.08254). Default:
     *     false
     */
    @TypeName("relativeTable")
    record RelativeTable(@Default("0") Size2d grid, @Default("false") boolean token)
            implements PositionSpec {

        @Override
        public boolean isRelative() {
            return true;
        }

        @Override
        public PositionSpec onGrid(Size2d actual) {
            return grid.height() > 0 ? this : new RelativeTable(actual, token);
        }

        @Override
        public String describe() {
            return "relative positions";
        }
    }

    /**
     * A bias per head that a small network computes from the logarithms of distances in a grid, so
     * that it transfers to larger windows (Liu et al. 2022, arXiv:2111.09883, Section 3.3).
     * Parameters: {@code positions.hidden.weight}, {@code positions.hidden.bias}, {@code
     * positions.output.weight}, and {@code positions.output.bias} if unbounded.
     *
     * @param grid rows and columns of the sequence; 0 for those of a window, or a square of all
     *     positions. Default: 0
     * @param trained size of the grid that the distances are divided by, that of the pretraining; 0
     *     for the grid itself. Default: 0
     * @param width number of hidden units. Default: 512
     * @param bounded true if the bias is 16 times a sigmoid, of distances that are divided by the
     *     size of the grid; if not, of the logarithm of one and the distance. Default: true
     * @param tokens number of positions before the grid, without a bias. Vision transformers set
     *     it. Default: 0
     * @param shared whether transformer blocks share the network of the first one. Default: false
     * @param table path of the network of another attention layer, relative to this layer's parent
     *     or any layer around it; empty for a separate network. Default: empty
     */
    @WithBuilder
    @TypeName("relativeNetwork")
    record RelativeNetwork(
            @Default("0") Size2d grid,
            @Default("0") Size2d trained,
            @Default("512") int width,
            @Default("true") boolean bounded,
            @Default("0") int tokens,
            @Default("false") boolean shared,
            @Default("\"\"") String table)
            implements PositionSpec, PositionSpecRelativeNetworkBuilder.With {

        public RelativeNetwork {
            Check.positive("width", width);
            Check.notNegative("tokens", tokens);
            Check.that(
                    bounded || trained.height() == 0,
                    "trained must be 0 with bounded false, whose distances are not divided, got %s",
                    trained);
        }

        /**
         * Creates a bounded bias.
         *
         * @param grid rows and columns of the sequence; 0 for those of a window
         * @param trained size of the grid that the distances are divided by; 0 for the grid itself
         * @param width number of hidden units
         */
        public RelativeNetwork(Size2d grid, Size2d trained, int width) {
            this(grid, trained, width, true, 0, false, "");
        }

        @Override
        public boolean isRelative() {
            return true;
        }

        @Override
        public PositionSpec onGrid(Size2d actual) {
            return grid.height() > 0 ? this : withGrid(actual);
        }

        @Override
        public PositionSpec afterTokens(int count) {
            Check.that(
                    tokens == 0 || tokens == count,
                    "tokens must be 0 or the %s tokens before the patches, got %s",
                    count,
                    tokens);
            return withTokens(count);
        }

        @Override
        public PositionSpec sharing(String attention) {
            return table.isEmpty() && shared ? withTable(attention + ".positions") : this;
        }

        @Override
        public String describe() {
            return "log-spaced relative positions";
        }
    }
}
