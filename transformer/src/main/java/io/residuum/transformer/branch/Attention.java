package io.residuum.transformer.branch;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.NormSpec;

/**
 * Multi-head attention, {@code (N, T, C) -> (N, T, C)} (Vaswani et al. 2017, arXiv:1706.03762,
 * Section 3.2), with one key and value head a query head, fewer (grouped-query attention, Ainslie
 * et al. 2023, arXiv:2305.13245) or one for all (Shazeer 2019, arXiv:1911.02150).
 *
 * <p>Side inputs by name: {@value #MASK} {@code (N, T)} or {@code (N, T, T)}, 1 where a key may be
 * seen and 0 where not; with a memory {@value #MEMORY} {@code (N, S, memory)} and {@value
 * #MEMORY_MASK}. A query that may see no key at all gets zeros.
 *
 * <p>Parameters: {@code qkv}, or {@code q}, {@code k} and {@code v}; {@code output}; {@code
 * queryNorm} and {@code keyNorm} where there are such norms; {@code talkScores} and {@code
 * talkWeights} {@code (heads, heads)} where heads talk.
 *
 * @param name its name. Default: empty
 * @param heads query heads
 * @param kvHeads key and value heads, a divisor of heads; 0 for as many as heads. Default: 0
 * @param headWidth the width of a head; 0 for C / heads. Default: 0
 * @param projection the linear maps. Default: fused, with biases
 * @param causal whether a position sees none after it. Default: false
 * @param window how many positions a query sees on a side, its own included (Beltagy et al. 2020,
 *     arXiv:2004.05150; Jiang et al. 2023, arXiv:2310.06825); 0 for all. Default: 0
 * @param memory the width of another sequence that keys and values come from, 0 for none:
 *     self-attention. Default: 0
 * @param queries how many positions, the first ones, ask all: the output has only these, as in the
 *     class attention of CaiT (Touvron et al. 2021, arXiv:2103.17239, Section 3); 0 for all.
 *     Default: 0
 * @param scale what products are multiplied by; 0 for 1 / sqrt(headWidth). Default: 0
 * @param softCap the bound of {@code cap tanh(score / cap)} (Gemma Team 2024, arXiv:2408.00118,
 *     Section 2), 0 for none. Default: 0
 * @param queryKeyNorm a norm over each head of the queries and keys (Henry et al. 2020,
 *     arXiv:2010.04245; Dehghani et al. 2023, arXiv:2302.05442). Default: none
 * @param talkingHeads whether a linear map over the heads follows the scores, ahead of masks and
 *     position biases, and another one the weights, with biases (Shazeer et al. 2020,
 *     arXiv:2003.02436). Default: false
 * @param position how it sees positions. Default: none
 * @param weightDropout dropout of the attention weights. Default: 0
 * @param dropout dropout of the output. Default: 0
 */
@WithBuilder
@TypeName("attention")
@Doc("Multi-head attention over (N, T, C).")
public record Attention(
        @Default("\"\"") String name,
        int heads,
        @Default("0") int kvHeads,
        @Default("0") int headWidth,
        @Default("{}") Projection projection,
        @Default("false") boolean causal,
        @Default("0") int window,
        @Default("0") int memory,
        @Default("0") int queries,
        @Default("0.0") double scale,
        @Default("0.0") double softCap,
        @Default("\"none\"") NormSpec queryKeyNorm,
        @Default("false") boolean talkingHeads,
        @Default("\"none\"") PositionSpec position,
        @Default("0.0") double weightDropout,
        @Default("0.0") double dropout)
        implements LayerSpec, AttentionBuilder.With {

    /** The name of a mask over the sequence's own keys. */
    public static final String MASK = "mask";

    /** The name of the sequence that cross-attention reads. */
    public static final String MEMORY = "memory";

    /** The name of a mask over the memory's keys. */
    public static final String MEMORY_MASK = "memoryMask";

    /**
     * The linear maps of attention.
     *
     * @param fused whether queries, keys and values of self-attention come from one map, in this
     *     order, rather than from three; with a memory, or where not all positions ask, there are
     *     always three. Default: true
     * @param bias whether they have biases. Default: true
     * @param outputBias whether the output has one. Default: true
     * @param init the first weights; each map is drawn by itself, fused or not. Default: Glorot and
     *     Bengio 2010, uniform
     * @param valueGain factor of the first value weights. Default: 1
     * @param outputGain factor of the first output weights. Default: 1
     */
    @WithBuilder
    @Doc("The linear maps of attention.")
    public record Projection(
            @Default("true") boolean fused,
            @Default("true") boolean bias,
            @Default("true") boolean outputBias,
            @Default("\"xavierUniform\"") InitSpec init,
            @Default("1.0") double valueGain,
            @Default("1.0") double outputGain)
            implements AttentionProjectionBuilder.With {

        public Projection {
            Check.finite("valueGain", valueGain);
            Check.finite("outputGain", outputGain);
        }

        /**
         * Creates maps that all have biases, or none.
         *
         * @param fused one map for queries, keys and values
         * @param bias whether all have biases
         * @param init the first weights
         * @return the maps, with gains of 1
         */
        public static Projection of(boolean fused, boolean bias, InitSpec init) {
            return Defaults.fill(AttentionProjectionBuilder.builder())
                    .fused(fused)
                    .bias(bias)
                    .outputBias(bias)
                    .init(init)
                    .build();
        }
    }

    public Attention {
        Check.positive("heads", heads);
        Check.notNegative("kvHeads", kvHeads);
        Check.notNegative("headWidth", headWidth);
        Check.notNegative("window", window);
        Check.notNegative("memory", memory);
        Check.notNegative("queries", queries);
        Check.that(
                kvHeads == 0 || heads % kvHeads == 0,
                "kvHeads must divide heads, got %s key and value heads of %s heads",
                kvHeads,
                heads);
        boolean placeless = !causal && window == 0 && position.equals(PositionSpec.NONE);
        Check.that(
                memory == 0 || placeless,
                "memory must be 0 where attention is causal, has a window or sees positions: a"
                        + " memory has positions of its own, got %s",
                memory);
        Check.that(
                queries == 0 || (placeless && memory == 0),
                "queries must be 0 where attention is causal, has a window, sees positions or"
                        + " reads a memory, got %s",
                queries);
        Check.that(scale >= 0 && Double.isFinite(scale), "scale must be 0 or more, got %s", scale);
        Check.that(
                softCap >= 0 && Double.isFinite(softCap),
                "softCap must be 0 or more, got %s",
                softCap);
        Check.rate("weightDropout", weightDropout);
        Check.rate("dropout", dropout);
    }

    /**
     * Begins self-attention over all positions.
     *
     * @param heads query heads, and the number of key and value heads
     * @return a builder of attention named {@code attention}, every other component at its default
     */
    public static AttentionBuilder builder(int heads) {
        return Defaults.fill(AttentionBuilder.builder()).name("attention").heads(heads);
    }

    /**
     * Returns this attention with keys and values from another sequence: neither causal, nor with a
     * window or positions.
     *
     * @param width the memory's width
     * @return attention of the same size
     */
    public Attention overMemory(int width) {
        return ofFirst(0).withMemory(width);
    }

    /**
     * Returns this attention with queries from the first positions only: neither causal, nor with a
     * window or positions.
     *
     * @param count the number of queries, 0 for all
     * @return attention whose output has that many positions
     */
    public Attention ofFirst(int count) {
        return with().causal(false).window(0).position(PositionSpec.NONE).queries(count).build();
    }

    /**
     * Returns this attention with first value and output weights multiplied, as in DeepNorm.
     *
     * @param gain the factor
     * @return new attention
     */
    public Attention withGain(double gain) {
        return withProjection(
                projection.with(
                        p ->
                                p.valueGain(projection.valueGain() * gain)
                                        .outputGain(projection.outputGain() * gain)));
    }

    @Override
    public Layer newBlock(Shape input) {
        return new AttentionBlock(input, this);
    }
}
