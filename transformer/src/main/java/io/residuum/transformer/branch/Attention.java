package io.residuum.transformer.branch;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.residual.wiring.HasValues;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.NormSpec;
import java.util.stream.Stream;

/**
 * Multi-head attention, {@code (N, T, C) -> (N, T, C)} (Vaswani et al. 2017, arXiv:1706.03762,
 * Section 3.2). Query heads may share key and value heads in groups (grouped-query attention,
 * Ainslie et al. 2023, arXiv:2305.13245), or all share one (Shazeer 2019, arXiv:1911.02150).
 *
 * <p>Side inputs by name: {@value #MASK} {@code (N, T)} or {@code (N, T, T)}, 1 for keys that a
 * query may see and 0 for others. Cross-attention reads {@value #MEMORY} {@code (N, S, memory)} and
 * the optional {@value #MEMORY_MASK}. A query that may see no key gets zeros.
 *
 * <p>Parameters: {@code qkv}, or {@code q}, {@code k} and {@code v}; {@code output}; {@code
 * queryNorm} and {@code keyNorm} with {@code queryKeyNorm}; {@code queryNorm.logitScale (heads)}
 * with {@code cosine}; {@code innerNorm}; {@code positions} with a learned bias of positions;
 * {@code talkScores} and {@code talkWeights} {@code (heads, heads)} with {@code talkingHeads};
 * {@code sinks.weight (heads)} with {@code sinks}; {@code relativeBias.weight (buckets, heads)}
 * with relative positions in buckets; {@code positions}, {@code positionKeys} and {@code
 * positionQueries} with {@link Disentangled} positions.
 *
 * @param heads number of query heads
 * @param kvHeads number of key and value heads, a divisor of heads; 0 for the same as heads.
 *     Default: 0
 * @param headWidth width of a head; 0 for C / heads. Default: 0
 * @param projection linear maps. Default: fused, with biases
 * @param maps layers instead of the linear maps to queries, keys and values, each of which reads
 *     the input for itself. Default: none
 * @param causal true if later positions are hidden. Default: false
 * @param window number of positions that a query sees on each side, including its own (Beltagy et
 *     al. 2020, arXiv:2004.05150; Jiang et al. 2023, arXiv:2310.06825); 0 for all. Default: 0
 * @param memory width of another sequence that keys and values come from (cross-attention); 0 for
 *     self-attention. Default: 0
 * @param queries number of first positions that have a query. The output has only these, as in the
 *     class attention of CaiT (Touvron et al. 2021, arXiv:2103.17239, Section 3); 0 for all.
 *     Default: 0
 * @param scale factor of the scores; 0 for 1 / sqrt(headWidth). Default: 0
 * @param softCap bound of the scores, {@code cap tanh(score / cap)} (Gemma Team 2024,
 *     arXiv:2408.00118, Section 2); 0 for none. Default: 0
 * @param queryKeyNorm norm over each head of queries and keys (Henry et al. 2020, arXiv:2010.04245;
 *     Dehghani et al. 2023, arXiv:2302.05442). Default: none
 * @param rotaryFirst true if queryKeyNorm reads queries and keys after their rotation by positions
 *     instead of before (Hunyuan). Default: false
 * @param cosine true if scores are cosines of queries and keys, times a learned factor per head of
 *     at most 100 (Liu et al. 2022, arXiv:2111.09883, Section 3.3). Default: false
 * @param talkingHeads true if linear maps with biases mix the heads: of the scores, before masks
 *     and position biases, and of the weights (Shazeer et al. 2020, arXiv:2003.02436). Default:
 *     false
 * @param sinks true if each head has a learned score that takes part in the softmax and reads no
 *     value, so that a query may attend to nothing (OpenAI 2025, arXiv:2508.10925, Section 2.2;
 *     DeepSeek-V4). Default: false
 * @param position positions within attention. Default: none
 * @param values layer of the values, which keeps their shape {@code (N kvHeads, T, headWidth)}:
 *     {@code save} and {@code average} make value residuals (Zhou et al. 2024, arXiv:2410.17897).
 *     Default: none
 * @param sharedValues true if the values are the keys, with their norm and positions. What a query
 *     reads is rotated back by the query's position, so it depends on distances (DeepSeek-V4).
 *     Default: false
 * @param innerNorm norm of the joined heads before the output map (Wang et al. 2022,
 *     arXiv:2208.10442; EVA-02). Default: none
 * @param weightDropout dropout of the attention weights. Default: 0
 * @param dropout dropout of the output. Default: 0
 */
@WithBuilder
@TypeName("attention")
public record Attention(
        @Default("\"\"") String name,
        int heads,
        @Default("0") int kvHeads,
        @Default("0") int headWidth,
        @Default("{}") Projection projection,
        @Default("{}") Maps maps,
        @Default("false") boolean causal,
        @Default("0") int window,
        @Default("0") int memory,
        @Default("0") int queries,
        @Default("0.0") double scale,
        @Default("0.0") double softCap,
        @Default("\"none\"") NormSpec queryKeyNorm,
        @Default("false") boolean rotaryFirst,
        @Default("false") boolean cosine,
        @Default("false") boolean talkingHeads,
        @Default("false") boolean sinks,
        @Default("\"none\"") PositionSpec position,
        @Default("[]") LayerSpec values,
        @Default("false") boolean sharedValues,
        @Default("\"none\"") NormSpec innerNorm,
        @Default("0.0") double weightDropout,
        @Default("0.0") double dropout)
        implements HasValues, AttentionBuilder.With {

    /** No layers. */
    static final LayerSpec UNCHANGED = new Sequential("");

    /** The side input with the mask of the sequence itself. */
    public static final String MASK = "mask";

    /**
     * The side input {@code (W, T, T)} that windows add to the scores of attention with a learned
     * bias of relative positions. W is the number of windows of an image.
     */
    public static final String WINDOW_MASK = "windowMask";

    /** The side input with the sequence that cross-attention reads. */
    public static final String MEMORY = "memory";

    /** The side input with the mask of the memory. */
    public static final String MEMORY_MASK = "memoryMask";

    /**
     * The linear maps of attention.
     *
     * @param fused true if one map computes queries, keys and values of self-attention, in this
     *     order. Cross-attention and attention with {@code queries} always have three maps.
     *     Default: true
     * @param bias true if the maps to queries, keys and values have biases. Default: true
     * @param outputBias true if the output map has a bias. Default: true
     * @param keyBias true if the map to keys has a bias if the others have. A bias of keys adds one
     *     number to all scores of a query, which softmax ignores. Without it there are three maps.
     *     Default: true
     * @param init initial weights; each map is initialized separately, even if fused. Default:
     *     Glorot and Bengio 2010, uniform
     * @param valueGain factor of the initial value weights. Default: 1
     * @param outputGain factor of the initial output weights. Default: 1
     */
    @WithBuilder
    public record Projection(
            @Default("true") boolean fused,
            @Default("true") boolean bias,
            @Default("true") boolean outputBias,
            @Default("true") boolean keyBias,
            @Default("\"xavierUniform\"") InitSpec init,
            @Default("1.0") double valueGain,
            @Default("1.0") double outputGain)
            implements AttentionProjectionBuilder.With {

        public Projection {
            Check.finite("valueGain", valueGain);
            Check.finite("outputGain", outputGain);
        }

        /**
         * {@return new maps that all have biases or all have none, with gains of 1}
         *
         * @param fused true if one map computes queries, keys and values
         * @param bias true if all maps have biases
         * @param init the initial weights
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

    /**
     * Layers that compute queries, keys and values, {@code (N, T, C) -> (N, T, H D)}, instead of
     * linear maps: projections of low rank, or maps that read different earlier states (MUDD, Xiao
     * et al. 2025, arXiv:2502.12170, Section 3.3). Their parameters are below {@code q}, {@code k}
     * and {@code v}.
     *
     * @param queries layers of the queries. Default: none, a linear map
     * @param keys layers of the keys. Default: none, a linear map
     * @param values layers of the values. Default: none, a linear map
     */
    public record Maps(
            @Default("[]") LayerSpec queries,
            @Default("[]") LayerSpec keys,
            @Default("[]") LayerSpec values) {

        /** {@return true if no layer replaces a linear map} */
        boolean isEmpty() {
            return Stream.of(queries, keys, values).allMatch(UNCHANGED::equals);
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
                "kvHeads must divide heads, got %s kvHeads and %s heads",
                kvHeads,
                heads);
        boolean ownHeads = kvHeads == 0 || kvHeads == heads;
        boolean withoutPositions = !causal && window == 0 && position.equals(PositionSpec.NONE);
        Check.that(
                memory == 0 || withoutPositions,
                "memory must be 0 with causal, window or position, got %s: positions of a memory"
                        + " have no relation to those of the queries",
                memory);
        Check.that(
                queries == 0 || (withoutPositions && memory == 0),
                "queries must be 0 with causal, window, position or memory, got %s",
                queries);
        Check.that(
                memory == 0 || values.equals(UNCHANGED),
                "values must be none with a memory, got %s",
                values);
        Check.that(
                maps.isEmpty() || (memory == 0 && queries == 0),
                "maps must be none with memory or queries, got %s",
                maps);
        Check.that(
                !sharedValues
                        || (memory == 0
                                && queries == 0
                                && values.equals(UNCHANGED)
                                && maps.values().equals(UNCHANGED)),
                "sharedValues must be false with memory, queries, values or maps.values, got true:"
                        + " the values are the keys of the sequence");
        Check.that(
                !(position instanceof Disentangled)
                        || (ownHeads && !causal && maps.isEmpty() && !sharedValues),
                "disentangled positions need attention that is not causal, with kvHeads 0 and"
                        + " without maps or sharedValues");
        Check.that(
                !(position instanceof RotaryGrid grid && grid.learned())
                        || (ownHeads && !sharedValues),
                "position.learned must be false with fewer kvHeads than heads or sharedValues, got"
                        + " true");
        Check.notNegative("scale", scale);
        Check.notNegative("softCap", softCap);
        Check.that(
                !cosine || (ownHeads && scale == 0 && queryKeyNorm.equals(NormSpec.NONE)),
                "cosine must be false with scale, queryKeyNorm or fewer kvHeads than heads, got"
                        + " true");
        Check.that(
                !rotaryFirst || !queryKeyNorm.equals(NormSpec.NONE),
                "rotaryFirst must be false without queryKeyNorm, got true");
        Check.rate("weightDropout", weightDropout);
        Check.rate("dropout", dropout);
    }

    /**
     * {@return a builder of self-attention named {@code attention}, other components at their
     * defaults}
     *
     * @param heads the number of heads, for queries, keys and values
     */
    public static AttentionBuilder builder(int heads) {
        return Defaults.fill(AttentionBuilder.builder()).name("attention").heads(heads);
    }

    /**
     * {@return cross-attention with the same heads: not causal, without a window or positions}
     *
     * @param width the width of the memory
     */
    public Attention overMemory(int width) {
        return ofFirst(0).withMemory(width);
    }

    /**
     * {@return this attention with queries from the first positions only: not causal, without a
     * window or positions}
     *
     * @param count the number of queries and of output positions; 0 for all
     */
    public Attention ofFirst(int count) {
        return with().causal(false).window(0).position(PositionSpec.NONE).queries(count).build();
    }

    /**
     * {@return this attention with its initial value and output weights multiplied, as in DeepNorm}
     *
     * @param gain the factor
     */
    public Attention withGain(double gain) {
        return withProjection(
                projection.with(
                        p ->
                                p.valueGain(projection.valueGain() * gain)
                                        .outputGain(projection.outputGain() * gain)));
    }

    @Override
    public boolean hasPlainValues() {
        return memory == 0 && !sharedValues && !changesValues();
    }

    @Override
    public Attention changeValues(LayerSpec layer) {
        return withValues(layer);
    }

    /** {@return true if one linear map computes queries, keys and values} */
    boolean isFused() {
        return projection.fused()
                && (projection.keyBias() || !projection.bias())
                && memory == 0
                && queries == 0
                && !sharedValues
                && !(position instanceof Disentangled)
                && maps.isEmpty();
    }

    /** {@return true if a layer changes the values} */
    boolean changesValues() {
        return !values.equals(UNCHANGED);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new AttentionBlock(input, this);
    }
}
