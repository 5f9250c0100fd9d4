package io.residuum.transformer.family;

import io.residuum.model.ConfigObject;
import io.residuum.model.ModelDescription;
import io.residuum.model.huggingface.ClassLabels;
import io.residuum.model.huggingface.TransformersConfig;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.transformer.blocks.EncoderDecoder;
import io.residuum.transformer.blocks.NormPlacement;
import io.residuum.transformer.blocks.TransformerBlocks;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.branch.FeedForward;
import io.residuum.transformer.branch.FeedForwardBuilder;
import io.residuum.transformer.branch.PositionSpec;
import io.residuum.transformer.layers.PositionTable;
import io.residuum.transformer.layers.TokenEmbedding;
import io.residuum.transformer.layers.TokenEmbeddingBuilder;
import io.residuum.transformer.seq2seq.Seq2Seq;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/** Reads the settings of transformers' models with an encoder and a decoder: a row each. */
final class HuggingFaceSeq2Seq {
    private static final InitSpec INIT = new InitSpec.Normal(0.02);
    private static final String ENCODER = "encoder";
    private static final String DECODER = "decoder";
    private static final String TOKENS = "ForTokenClassification";
    private static final String CLASSIFIER = "ForSequenceClassification";
    private static final String ANSWERS = "ForQuestionAnswering";

    /** A model type, which reads its settings. */
    private sealed interface Type permits T5, Bart {
        ModelSpec read(ConfigObject settings, String name, int classes);
    }

    /** The sizes of a model that a file may leave out. */
    private record Sizes(int depth, int heads, int width) {}

    private static final Map<String, Type> TYPES = new TreeMap<>();

    static {
        TYPES.put("t5", new T5("T5", 32128, "relu", false));
        TYPES.put("mt5", new T5("MT5", 250112, "gated-gelu", false));
        TYPES.put("umt5", new T5("UMT5", 250112, "gated-gelu", true));
        Sizes large = new Sizes(12, 16, 1024);
        PositionTable learned = PositionTable.LEARNED;
        PositionTable sinusoidal = PositionTable.LEARNED_SINUSOIDAL;
        PositionTable halves = PositionTable.SINUSOIDAL_HALVES;
        NormPlacement post = NormPlacement.POST;
        NormPlacement pre = NormPlacement.PRE;
        TYPES.put("bart", new Bart("Bart", 50265, large, learned, 2, true, post));
        Sizes base = new Sizes(6, 12, 768);
        TYPES.put("plbart", new Bart("PLBart", 50005, base, learned, 2, true, post));
        TYPES.put("mvp", new Bart("Mvp", 50267, large, learned, 2, true, post));
        TYPES.put("mbart", new Bart("MBart", 50265, large, learned, 2, true, pre));
        TYPES.put("marian", new Bart("Marian", 58101, large, sinusoidal, 0, false, post));
        TYPES.put("pegasus", new Bart("Pegasus", 50265, large, sinusoidal, 0, false, pre));
        Sizes huge = new Sizes(24, 32, 2560);
        TYPES.put("blenderbot", new Bart("Blenderbot", 8008, huge, learned, 0, false, pre));
        TYPES.put("m2m_100", new Bart("M2M100", 128112, large, halves, 2, false, pre));
    }

    /** The values of {@code model_type}. */
    static final Set<String> NAMES = Collections.unmodifiableSet(TYPES.keySet());

    private HuggingFaceSeq2Seq() {}

    static ModelDescription read(String type, ConfigObject settings, String name) {
        boolean both = settings.flag("is_encoder_decoder", true);
        String architecture = settings.texts("architectures").stream().findFirst().orElse("");
        ClassLabels labels = TransformersConfig.labels(settings, architecture);
        ModelSpec spec =
                Objects.requireNonNull(TYPES.get(type), type).read(settings, name, labels.count());
        settings.must(
                "is_encoder_decoder",
                both || !(spec.network() instanceof Seq2Seq),
                "true for a model with a decoder");
        return labels.describe(spec);
    }

    /** {@return the last part of the name of the model's class} */
    private static String architecture(ConfigObject settings, String prefix, String... heads) {
        String[] classes = Arrays.stream(heads).map(prefix::concat).toArray(String[]::new);
        String found = HuggingFaceConfig.architecture(settings, classes[0], classes);
        return found.substring(prefix.length());
    }

    private static ModelSpec spec(String name, int length, int vocabulary, LayerSpec network) {
        return new ModelSpec(name, new InputSpec.Tokens(length, vocabulary), network);
    }

    /**
     * T5 and its relatives (Raffel et al. 2020, arXiv:1910.10683).
     *
     * @param prefix the start of its class names in transformers
     * @param vocabulary the number of token ids if a file does not say it
     * @param feedForward the feed-forward network if a file does not say it
     * @param perBlock true if each block has a table of relative positions
     */
    private record T5(String prefix, int vocabulary, String feedForward, boolean perBlock)
            implements Type {

        @Override
        public ModelSpec read(ConfigObject s, String name, int classes) {
            String type =
                    architecture(
                            s,
                            prefix,
                            "ForConditionalGeneration",
                            "Model",
                            "EncoderModel",
                            TOKENS,
                            CLASSIFIER,
                            ANSWERS);
            // Derived from other settings, or second names of them.
            s.ignore("is_gated_act", "dense_act_fn", "head_dim");
            s.ignore("hidden_size", "num_attention_heads", "num_hidden_layers");
            int ids = s.integer("vocab_size", vocabulary);
            int depth = s.integer("num_layers", prefix.equals("T5") ? 6 : 8);
            int decoderDepth = s.integer("num_decoder_layers", depth);
            boolean tied = s.flag("tie_word_embeddings", true);
            // transformers 5 ties all heads and writes whether the first T5 scaled its outputs.
            boolean scaled =
                    switch (prefix) {
                        case "T5" -> s.flag("scale_decoder_outputs", tied);
                        case "UMT5" -> tied;
                        default -> false;
                    };
            int width = s.integer("d_model", 512);
            Seq2Seq.Stack encoder = stack(s, "", ids, width, depth, false);
            int length = s.integer("n_positions", 512);
            if (type.equals("EncoderModel")) {
                return spec(name, length, ids, encoder.alone());
            }
            if (type.equals(TOKENS)) {
                double rate = s.number("classifier_dropout", 0);
                LayerSpec map = new Linear("tokenClassifier", classes, true, INIT);
                return spec(name, length, ids, encoder.alone(new Dropout("dropout", rate), map));
            }
            Seq2Seq.Stack decoder = stack(s, Seq2Seq.TABLE, ids, width, decoderDepth, true);
            Seq2Seq.Head head =
                    switch (type) {
                        case "Model" -> new Seq2Seq.None();
                        case CLASSIFIER ->
                                new Seq2Seq.Classes(
                                        classes, start(s), s.number("classifier_dropout", 0));
                        case ANSWERS -> new Seq2Seq.Spans(start(s));
                        default -> new Seq2Seq.Lm(tied, false, scaled ? 1 / Math.sqrt(width) : 1);
                    };
            s.ignore("classifier_dropout");
            return spec(name, length, ids, new Seq2Seq("", encoder, decoder, head));
        }

        private static int start(ConfigObject s) {
            return s.integer("decoder_start_token_id", s.integer("pad_token_id", 0, 0), 0);
        }

        private Seq2Seq.Stack stack(
                ConfigObject s, String table, int ids, int width, int depth, boolean decodes) {
            double dropout = s.number("dropout_rate", 0.1);
            NormSpec norm = new NormSpec.Rms(s.number("layer_norm_epsilon", 1e-6), 1);
            int heads = s.integer("num_heads", prefix.equals("T5") ? 8 : 6);
            int headWidth = s.integer("d_kv", 64);
            PositionSpec positions =
                    new PositionSpec.Relative(
                            s.integer("relative_attention_num_buckets", 32),
                            s.integer("relative_attention_max_distance", 128),
                            "",
                            perBlock);
            Attention attention =
                    Attention.builder(heads)
                            .headWidth(headWidth * heads == width ? 0 : headWidth)
                            .projection(Attention.Projection.of(false, false, INIT))
                            .scale(1)
                            .position(positions)
                            .causal(decodes)
                            .weightDropout(dropout)
                            .dropout(dropout)
                            .build();
            TokenEmbedding embedding =
                    TokenEmbedding.of(ids, width, PositionTable.NONE, dropout).withTable(table);
            TransformerBlocks blocks =
                    TransformerBlocks.of(depth, attention, mlp(s, dropout), norm, NormPlacement.PRE)
                            .withMemory(decodes ? width : 0);
            return new Seq2Seq.Stack(embedding, blocks, norm, dropout);
        }

        private FeedForward mlp(ConfigObject s, double dropout) {
            String kind = s.text("feed_forward_proj", feedForward);
            boolean gated = kind.startsWith("gated-");
            ActivationSpec activation =
                    kind.equals("gated-gelu")
                            ? new ActivationSpec.GeluTanh()
                            : TransformersConfig.activationOf(
                                    s, "feed_forward_proj", kind.replaceFirst("^gated-", ""));
            return Defaults.fill(FeedForwardBuilder.builder())
                    .name("mlp")
                    .width(s.integer("d_ff", prefix.equals("T5") ? 2048 : 1024))
                    .activation(activation)
                    .gated(gated)
                    .bias(false)
                    .innerDropout(dropout)
                    .dropout(dropout)
                    .init(INIT)
                    .build();
        }
    }

    /**
     * BART and its relatives (Lewis et al. 2020, arXiv:1910.13461).
     *
     * @param prefix the start of its class names in transformers
     * @param vocabulary the number of token ids if a file does not say it
     * @param sizes the sizes if a file does not say them
     * @param positions the kind of positions
     * @param offset the row of the first position
     * @param embeddingNorm true if embeddings are normalized
     * @param placement the placement of the norms
     */
    private record Bart(
            String prefix,
            int vocabulary,
            Sizes sizes,
            PositionTable positions,
            int offset,
            boolean embeddingNorm,
            NormPlacement placement)
            implements Type {
        @Override
        public ModelSpec read(ConfigObject s, String name, int classes) {
            String causal = prefix.equals("Marian") ? "MTModel" : "ForConditionalGeneration";
            String[] heads =
                    switch (prefix) {
                        case "Bart", "MBart", "Mvp" ->
                                new String[] {causal, "Model", CLASSIFIER, ANSWERS};
                        case "PLBart" -> new String[] {causal, "Model", CLASSIFIER};
                        default -> new String[] {causal, "Model"};
                    };
            String type = architecture(s, prefix, heads);
            boolean last = List.of("MBart", "PLBart").contains(prefix);
            int start =
                    last ? EncoderDecoder.LAST_TOKEN : s.integer("decoder_start_token_id", 2, 0);
            ignoreUnread(s);
            s.mustBeFalse("use_prompt");
            s.ignore("prompt_length", "prompt_mid_dim");
            int ids = s.integer("vocab_size", vocabulary);
            int length = s.integer("max_position_embeddings", 1024);
            boolean shared =
                    !prefix.equals("Marian") || s.flag("share_encoder_decoder_embeddings", true);
            int targets = shared ? ids : s.integer("decoder_vocab_size", ids);
            s.ignore("decoder_vocab_size");
            Seq2Seq.Stack encoder = stack(s, ENCODER, embedding(s, ids, length, ""));
            boolean tied = s.flag("tie_word_embeddings", true);
            // transformers 5 unties the embeddings of encoder and decoder too.
            String table = shared && tied ? Seq2Seq.TABLE : "";
            TokenEmbedding writes = embedding(s, targets, length, table);
            boolean biased = positions != PositionTable.SINUSOIDAL_HALVES;
            Seq2Seq network =
                    new Seq2Seq(
                            "",
                            encoder,
                            stack(s, DECODER, writes),
                            switch (type) {
                                case "Model" -> new Seq2Seq.None();
                                case CLASSIFIER ->
                                        new Seq2Seq.Classes(
                                                classes, start, s.number("classifier_dropout", 0));
                                case ANSWERS -> new Seq2Seq.Spans(start);
                                default -> new Seq2Seq.Lm(tied, biased, 1);
                            });
            return spec(name, length, targets, network);
        }

        /** Accepts settings that the first code of these models read, and those of training. */
        private static void ignoreUnread(ConfigObject s) {
            s.ignore("encoder_layerdrop", "decoder_layerdrop", "init_std", "classifier_dropout");
            s.ignore("classif_dropout", "num_hidden_layers", "hidden_size", "num_attention_heads");
            s.ignore("add_bias_logits", "add_final_layer_norm", "extra_pos_embeddings");
            s.ignore("normalize_before", "normalize_embedding", "static_position_embeddings");
            s.ignore("force_bos_token_to_be_generated", "save_step", "layernorm_variant");
            s.ignore("decoder_attention_type", "variant", "unk_token_id", "max_source_positions");
        }

        private TokenEmbedding embedding(ConfigObject s, int ids, int length, String table) {
            int channels = s.integer("d_model", sizes.width);
            boolean scales =
                    s.flag("scale_embedding", List.of("M2M100", "PLBart").contains(prefix));
            int first =
                    positions == PositionTable.SINUSOIDAL_HALVES
                            ? s.integer("pad_token_id", 1, 0) + 1
                            : offset;
            TokenEmbedding plain =
                    TokenEmbedding.of(ids, channels, positions, s.number("dropout", 0.1));
            TokenEmbeddingBuilder embedding =
                    plain.with()
                            .table(table)
                            .scale(scales ? Math.sqrt(channels) : 1)
                            .offset(first)
                            .norm(embeddingNorm ? NormSpec.LAYER : NormSpec.NONE);
            boolean stored = positions != PositionTable.SINUSOIDAL_HALVES;
            return stored ? embedding.length(length + first).build() : embedding.build();
        }

        private Seq2Seq.Stack stack(ConfigObject s, String side, TokenEmbedding embedding) {
            boolean decodes = side.equals(DECODER);
            int channels = embedding.width();
            double dropout = s.number("dropout", 0.1);
            Attention attention =
                    Attention.builder(s.integer(side + "_attention_heads", sizes.heads))
                            .projection(Attention.Projection.of(false, true, INIT))
                            .causal(decodes)
                            .weightDropout(s.number("attention_dropout", 0))
                            .dropout(dropout)
                            .build();
            FeedForward mlp =
                    Defaults.fill(FeedForwardBuilder.builder())
                            .name("mlp")
                            .width(s.integer(side + "_ffn_dim", 4 * sizes.width))
                            .activation(
                                    HuggingFaceConfig.activation(
                                            s,
                                            "activation_function",
                                            prefix.equals("M2M100") ? "relu" : "gelu"))
                            .innerDropout(s.number("activation_dropout", 0))
                            .dropout(dropout)
                            .init(INIT)
                            .build();
            int blocks = s.integer(side + "_layers", sizes.depth);
            return new Seq2Seq.Stack(
                    embedding,
                    TransformerBlocks.of(blocks, attention, mlp, NormSpec.LAYER, placement)
                            .withMemory(decodes ? channels : 0),
                    placement.normsSum() ? NormSpec.NONE : NormSpec.LAYER,
                    0);
        }
    }
}
