package io.residuum.transformer.family;

import io.residuum.model.ConfigObject;
import io.residuum.model.ModelDescription;
import io.residuum.residual.ScaleSpec;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Parallel;
import io.residuum.spec.Sequential;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.spatial.ChannelSlice;
import io.residuum.transformer.blocks.BlockAttention;
import io.residuum.transformer.blocks.BlockFeedForward;
import io.residuum.transformer.blocks.NormPlacement;
import io.residuum.transformer.blocks.TransformerBlocks;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.branch.AttentionBuilder;
import io.residuum.transformer.branch.FeedForward;
import io.residuum.transformer.branch.PositionSpec;
import io.residuum.transformer.layers.PositionTable;
import io.residuum.transformer.layers.TokenEmbedding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * A decoder under construction from the {@code config.json} of transformers. It reads the sizes,
 * which all model types have under one of a few names; a row of {@link DecoderTypes} adds what is
 * particular to its type.
 */
final class DecoderDraft {
    private static final String NORM = "norm";

    /** The names of the dropout of branches. */
    private static final String[] BRANCH = {
        "resid_pdrop", "hidden_dropout", "hidden_dropout_prob", "dropout"
    };

    private static final InitSpec INIT = new InitSpec.Normal(0.02);

    final ConfigObject settings;
    final int width;
    final int depth;
    final int heads;
    final int headWidth;
    final int length;
    private final int keys;
    final AttentionBuilder attention;
    TokenEmbedding embedding;
    FeedForward mlp;
    NormSpec norm = NormSpec.NONE;
    NormSpec lastNorm = NormSpec.NONE;
    NormPlacement placement = NormPlacement.PRE;
    ScaleSpec scale = Defaults.of(ScaleSpec.None.class);
    DecoderHead.Lm head = new DecoderHead.Lm();
    boolean tied;
    boolean firstNorm = true;
    int projection;

    /** Puts layers before a head. */
    UnaryOperator<DecoderHead> beforeHead = UnaryOperator.identity();

    private boolean qkvBias;
    private final List<BlockAttention> kinds = new ArrayList<>();
    private final List<BlockFeedForward> feedForwards = new ArrayList<>();

    /** Reads the sizes, for which the first of several names in the file counts. */
    DecoderDraft(ConfigObject settings, boolean tied) {
        this.settings = settings;
        width = size(768, "hidden_size", "n_embd", "n_embed", "d_model");
        depth = size(12, "num_hidden_layers", "n_layer", "num_layers", "n_layers");
        heads =
                size(
                        12,
                        "num_attention_heads",
                        "n_head",
                        "num_heads",
                        "attention_heads",
                        "n_heads");
        headWidth = settings.integer("head_dim", width / heads);
        length = size(2048, "max_position_embeddings", "n_positions", "seq_length", "max_seq_len");
        int vocabulary = settings.integer("vocab_size", 50257);
        this.tied = settings.flag("tie_word_embeddings", tied);
        embedding =
                TokenEmbedding.of(
                        vocabulary, width, PositionTable.NONE, rate("embd_pdrop", "emb_pdrop"));
        attention =
                Attention.builder(heads)
                        .causal(true)
                        .headWidth(headWidth * heads == width ? 0 : headWidth)
                        .weightDropout(
                                rate(
                                        "attention_dropout",
                                        "attn_pdrop",
                                        "attention_probs_dropout_prob"))
                        .dropout(rate(BRANCH));
        keys = settings.integer("num_key_value_heads", heads);
        attention.kvHeads(keys == heads ? 0 : keys);
        mlp = FeedForward.gated(4 * width, new ActivationSpec.Silu(), INIT);
    }

    int size(int absent, String... names) {
        for (String name : names) {
            if (settings.has(name)) {
                return settings.integer(name, absent);
            }
        }
        return absent;
    }

    double rate(String... names) {
        for (String name : names) {
            if (settings.has(name)) {
                return settings.number(name, 0);
            }
        }
        return 0;
    }

    /** Sets the biases of attention, whose maps to queries, keys and values are apart. */
    void biases(boolean qkv, boolean output) {
        qkvBias = qkv;
        attention.projection(Attention.Projection.of(false, qkv, INIT).withOutputBias(output));
    }

    /** Sets a gated feed-forward network. */
    void gated(String activation, boolean bias) {
        mlp(activation, "silu", true, bias);
    }

    /** Sets a feed-forward network without a gate. */
    void plain(String activation, String absent, boolean bias) {
        mlp(activation, absent, false, bias);
    }

    void mlp(String activation, String absent, boolean gated, boolean bias) {
        mlp =
                mlp.with()
                        .width(
                                size(
                                        4 * width,
                                        "intermediate_size",
                                        "n_inner",
                                        "ffn_dim",
                                        "ffn_hidden_size"))
                        .activation(HuggingFaceConfig.activation(settings, activation, absent))
                        .gated(gated)
                        .bias(bias)
                        .dropout(rate(BRANCH))
                        .build();
    }

    /** Sets the norm of all units and after the blocks. */
    void norm(NormSpec value) {
        norm = value;
        lastNorm = value;
    }

    /** Sets the feed-forward network of some layers. The others keep the present one. */
    void feedForward(FeedForward value, IntPredicate layers) {
        List<Integer> others = IntStream.range(0, depth).filter(layers.negate()).boxed().toList();
        if (others.size() == depth) {
            return;
        }
        if (!others.isEmpty()) {
            feedForwards.add(new BlockFeedForward(others, mlp));
        }
        mlp = value;
    }

    /**
     * Puts layers between the linear maps of attention and its heads. Biases must be set before.
     *
     * @param norm the norm of queries and keys over the width of all heads
     * @param clip the bound of queries, keys and values; 0 for none
     */
    void afterMaps(NormSpec norm, double clip) {
        boolean normed = !norm.equals(NormSpec.NONE);
        IntFunction<List<LayerSpec>> after =
                count -> normed ? List.of(new Normalization(NORM, norm)) : List.of();
        maps(after, clip);
    }

    /** Puts a norm with weights for each head after the maps to queries and keys. */
    void headNorms(NormSpec norm) {
        maps(count -> List.of(headNorm(count, norm)), 0);
    }

    private LayerSpec headNorm(int count, NormSpec norm) {
        return Parallel.concat(
                NORM,
                IntStream.range(0, count)
                        .mapToObj(
                                i ->
                                        new Sequential(
                                                Integer.toString(i),
                                                new ChannelSlice(
                                                        "head", i * headWidth, (i + 1) * headWidth),
                                                new Normalization(NORM, norm)))
                        .toArray(LayerSpec[]::new));
    }

    private void maps(IntFunction<List<LayerSpec>> after, double clip) {
        attention.maps(
                new Attention.Maps(
                        map(heads, after.apply(heads), clip),
                        map(keys, after.apply(keys), clip),
                        map(keys, List.of(), clip)));
    }

    /** {@return a linear map and the layers after it; none if there are no such layers} */
    private LayerSpec map(int count, List<LayerSpec> after, double clip) {
        List<LayerSpec> layers = new ArrayList<>();
        if (clip > 0 || !after.isEmpty()) {
            layers.add(new Linear("map", count * headWidth, qkvBias, INIT));
            layers.addAll(after);
        }
        if (clip > 0) {
            layers.add(new Activation("clip", new ActivationSpec.HardTanh(clip)));
        }
        return new Sequential("", layers);
    }

    /** {@return the bound of queries, keys and values; 0 for none} */
    static double clip(ConfigObject settings) {
        return settings.number("clip_qkv", 0);
    }

    /** Sets learned positions. Import leaves out the rows before the first. */
    void learnedPositions() {
        embedding = embedding.with().positions(PositionTable.LEARNED).length(length).build();
    }

    /** Refuses a file without the scaling of positions, which this model type has by default. */
    void requirePositions() {
        settings.require(
                settings.has("rope_parameters") || settings.has("rope_scaling"),
                "rope_parameters",
                "the file must say how positions are scaled");
    }

    RotarySettings rotary(double base, double fraction, boolean interleaved) {
        return new RotarySettings(settings, headWidth, length, interleaved, base, fraction);
    }

    List<String> layerTypes(IntPredicate sliding) {
        return HuggingFaceConfig.layerTypes(settings, depth, sliding);
    }

    /** {@return true if the file says null, instead of leaving the key out} */
    boolean isNull(String key) {
        return settings.names(key) && !settings.has(key);
    }

    /** {@return the window of a setting; 0 for null, or for one that hides nothing} */
    int window(String key, int absent) {
        int window = isNull(key) ? 0 : settings.integer(key, absent);
        return window >= length ? 0 : window;
    }

    /**
     * {@return the window on each side of a query, itself included; 0 for one that hides nothing}
     */
    int halfWindow(String key, int absent) {
        int window = isNull(key) ? 0 : settings.integer(key, absent) / 2 + 1;
        return window >= length ? 0 : window;
    }

    /** Sets window and positions of each layer. */
    void layers(List<Integer> windows, List<? extends PositionSpec> positions) {
        layers(windows, positions, i -> 0);
    }

    /** Sets window, positions and factor of the scores of each layer. */
    void layers(
            List<Integer> windows,
            List<? extends PositionSpec> positions,
            IntToDoubleFunction scales) {
        Map<BlockAttention, List<Integer>> byKind = new LinkedHashMap<>();
        for (int i = 0; i < depth; i++) {
            BlockAttention kind =
                    new BlockAttention(
                            List.of(), windows.get(i), positions.get(i), scales.applyAsDouble(i));
            byKind.computeIfAbsent(kind, k -> new ArrayList<>()).add(i);
        }
        List<BlockAttention> sorted =
                byKind.entrySet().stream()
                        .sorted((a, b) -> b.getValue().size() - a.getValue().size())
                        .map(
                                e ->
                                        new BlockAttention(
                                                e.getValue(),
                                                e.getKey().window(),
                                                e.getKey().position(),
                                                e.getKey().scale()))
                        .toList();
        if (!sorted.isEmpty()) {
            BlockAttention most = sorted.get(0);
            attention.window(most.window()).position(most.position());
            if (most.scale() > 0) {
                attention.scale(most.scale());
            }
            kinds.addAll(sorted.subList(1, sorted.size()));
        }
    }

    /** Gives layers with a window other positions than those without. */
    void alternate(List<String> types, int window, PositionSpec sliding, PositionSpec full) {
        List<Integer> windows = new ArrayList<>();
        List<PositionSpec> positions = new ArrayList<>();
        for (String type : types) {
            boolean slides = type.equals(HuggingFaceConfig.SLIDING);
            windows.add(slides ? window : 0);
            positions.add(slides ? sliding : full);
        }
        layers(windows, positions);
    }

    NormSpec layerNorm(String key) {
        return HuggingFaceConfig.layerNorm(settings, key, 1e-5);
    }

    /** {@return the model, with the head of a class of transformers} */
    ModelDescription describe(String name, String prefix) {
        // The classes of the text part of Gemma 3 have longer names, except for one.
        boolean part =
                settings.texts("architectures").stream()
                        .anyMatch(type -> type.startsWith(prefix + "Text"));
        HuggingFaceDecoder.Architecture type =
                HuggingFaceDecoder.Architecture.of(settings, part ? prefix + "Text" : prefix);
        TransformerBlocks blocks =
                TransformerBlocks.of(depth, attention.build(), mlp, norm, placement)
                        .with()
                        .scale(scale)
                        .exceptions(kinds)
                        .feedForwards(feedForwards)
                        .firstNorm(firstNorm)
                        .build();
        return type.labels()
                .describe(
                        new ModelSpec(
                                name,
                                new InputSpec.Tokens(length, embedding.vocabulary()),
                                new Decoder(
                                        "",
                                        embedding,
                                        blocks,
                                        lastNorm,
                                        projection,
                                        tied,
                                        beforeHead.apply(type.head(head)))));
    }
}
