package io.residuum.transformer.family;

import io.residuum.model.ConfigObject;
import io.residuum.model.ModelDescription;
import io.residuum.model.huggingface.ClassLabels;
import io.residuum.model.huggingface.TransformersConfig;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.transformer.blocks.BlockAttention;
import io.residuum.transformer.blocks.NormPlacement;
import io.residuum.transformer.branch.PositionSpec;
import io.residuum.transformer.layers.PositionTable;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Reads the settings of ModernBERT, Nomic and GTE of transformers, whose positions are rotary. */
final class HuggingFaceRotaryEncoder {
    private static final String PREFIX = "ModernBert";
    private static final String ANSWERS = "ForQuestionAnswering";
    private static final String JINA = "JinaEmbeddingsV3";

    private static final List<String> CLASSES =
            List.of("Model", "ForMaskedLM", "ForSequenceClassification", "ForTokenClassification");

    private HuggingFaceRotaryEncoder() {}

    private static String architecture(ConfigObject settings, String prefix, String... others) {
        String[] all =
                Stream.concat(CLASSES.stream(), Stream.of(others))
                        .map(prefix::concat)
                        .toArray(String[]::new);
        return HuggingFaceConfig.architecture(settings, all[0], all);
    }

    static ModelDescription modernBert(ConfigObject settings, String name) {
        String type = architecture(settings, PREFIX, ANSWERS, "ForMultipleChoice");
        ClassLabels labels = TransformersConfig.labels(settings, type);
        // They act in training, or choose a kernel.
        settings.ignore(
                "initializer_cutoff_factor",
                "deterministic_flash_attn",
                "sparse_prediction",
                "sparse_pred_ignore_index",
                "reference_compile",
                "repad_logits_with_grad",
                "embedding_size",
                "layer_norm_eps",
                "position_embedding_type");
        int width = settings.integer("hidden_size", 768);
        int vocabulary = settings.integer("vocab_size", 50368);
        double attentionDropout = settings.number("attention_dropout", 0);
        Bert network =
                Bert.of(
                                vocabulary,
                                width,
                                settings.integer("num_hidden_layers", 22),
                                settings.integer("num_attention_heads", 12))
                        .with()
                        .mlpRatio(settings.integer("intermediate_size", 1152) / (double) width)
                        .activation(
                                HuggingFaceConfig.activation(settings, "hidden_activation", "gelu"))
                        .segments(0)
                        .positionTable(PositionTable.NONE)
                        .norm(
                                new NormSpec.OfLayer(
                                        settings.number("norm_eps", 1e-5),
                                        1,
                                        true,
                                        settings.flag("norm_bias", false),
                                        0))
                        .placement(NormPlacement.PRE)
                        .blocks(blocks(settings))
                        .dropout(
                                new DropoutRates(
                                        settings.number("embedding_dropout", 0),
                                        attentionDropout,
                                        attentionDropout,
                                        settings.number("classifier_dropout", 0)))
                        .transform(transform(settings))
                        .head(head(settings, type, labels.count()))
                        .build();
        int length = settings.integer("max_position_embeddings", 8192);
        return labels.describe(
                new ModelSpec(name, new InputSpec.Tokens(length, vocabulary), network));
    }

    private static EncoderBlocks blocks(ConfigObject settings) {
        boolean attention = settings.flag("attention_bias", false);
        boolean mlp = settings.flag("mlp_bias", false);
        // A query sees half of the window on each side, and itself.
        int window = settings.integer("local_attention", 128) / 2 + 1;
        BlockAttention local =
                new BlockAttention(
                        locals(settings),
                        window,
                        rotary(settings, HuggingFaceConfig.SLIDING, "local_rope_theta", 1e4));
        return EncoderBlocks.BERT
                .with()
                .attentionBias(attention)
                .mlpBias(mlp)
                .position(rotary(settings, HuggingFaceConfig.FULL, "global_rope_theta", 1.6e5))
                .local(local)
                .gated(true)
                .innerDropout(settings.number("mlp_dropout", 0))
                .firstNorm(false)
                .build();
    }

    /** {@return the indices of the blocks with a window} */
    private static List<Integer> locals(ConfigObject settings) {
        int depth = settings.integer("num_hidden_layers", 22);
        int every = settings.integer("global_attn_every_n_layers", 3);
        List<String> types = HuggingFaceConfig.layerTypes(settings, depth, i -> i % every != 0);
        return IntStream.range(0, depth)
                .filter(i -> types.get(i).equals(HuggingFaceConfig.SLIDING))
                .boxed()
                .toList();
    }

    /** {@return the positions of layers of a type; a key holds their base in older files} */
    private static PositionSpec.Rotary rotary(
            ConfigObject settings, String type, String key, double absent) {
        settings.requireEmpty("rope_scaling", "positions must not be scaled");
        int headWidth =
                settings.integer("hidden_size", 768) / settings.integer("num_attention_heads", 12);
        int length = settings.integer("max_position_embeddings", 8192);
        double base = settings.number(key, absent);
        return new RotarySettings(settings, headWidth, length, false, base, 1).of(type, false);
    }

    private static Bert.HeadTransform transform(ConfigObject settings) {
        return Bert.HeadTransform.NONE
                .with()
                .used(true)
                .bias(settings.flag("classifier_bias", false))
                .activation(HuggingFaceConfig.activation(settings, "classifier_activation", "gelu"))
                .tokenBias(settings.flag("decoder_bias", true))
                .build();
    }

    private static Bert.Head head(ConfigObject settings, String type, int classes) {
        boolean tied = settings.flag("tie_word_embeddings", true);
        String pooling = settings.text("classifier_pooling", "cls");
        settings.must(
                "classifier_pooling", List.of("cls", "mean").contains(pooling), "cls or mean");
        Bert.Pool pool = pooling.equals("cls") ? Bert.Pool.FIRST : Bert.Pool.MEAN;
        return switch (type.substring(PREFIX.length())) {
            case "ForMaskedLM" -> new Bert.Head.MaskedLm(tied, 0);
            case "ForSequenceClassification", "ForMultipleChoice" ->
                    new Bert.Head.Classes(classes, pool);
            case "ForTokenClassification" -> new Bert.Head.TokenClasses(classes);
            case ANSWERS -> new Bert.Head.Spans();
            default -> new Bert.Head.None();
        };
    }

    /** Reads EuroBERT (Boizard et al. 2025, arXiv:2503.05500), Llama's blocks without causality. */
    static ModelDescription euroBert(ConfigObject settings, String name) {
        String type = architecture(settings, "EuroBert");
        ClassLabels labels = TransformersConfig.labels(settings, type);
        int width = settings.integer("hidden_size", 768);
        int heads = settings.integer("num_attention_heads", 12);
        int head = settings.integer("head_dim", width / heads);
        settings.must("head_dim", head * heads == width, "" + width / heads);
        int keys = settings.integer("num_key_value_heads", heads);
        int length = settings.integer("max_position_embeddings", 8192);
        int ids = settings.integer("vocab_size", 128256);
        boolean attention = settings.flag("attention_bias", false);
        boolean mlp = settings.flag("mlp_bias", false);
        settings.ignore("pretraining_tp");
        Bert network =
                Bert.of(ids, width, settings.integer("num_hidden_layers", 12), heads)
                        .with()
                        .mlpRatio(settings.integer("intermediate_size", 3072) / (double) width)
                        .activation(HuggingFaceConfig.activation(settings, "hidden_act", "silu"))
                        .segments(0)
                        .positionTable(PositionTable.NONE)
                        .norm(new NormSpec.Rms(settings.number("rms_norm_eps", 1e-5), 1))
                        .placement(NormPlacement.PRE)
                        .blocks(
                                EncoderBlocks.BERT
                                        .with()
                                        .attentionBias(attention)
                                        .mlpBias(mlp)
                                        .kvHeads(keys == heads ? 0 : keys)
                                        .position(
                                                new RotarySettings(
                                                                settings, head, length, false,
                                                                10000, 1)
                                                        .of("", true))
                                        .gated(true)
                                        .embeddingNorm(false)
                                        .build())
                        .dropout(new DropoutRates(0, settings.number("attention_dropout", 0), 0, 0))
                        .head(euroBertHead(settings, type, labels.count(), mlp))
                        .build();
        return labels.describe(new ModelSpec(name, new InputSpec.Tokens(length, ids), network));
    }

    private static Bert.Head euroBertHead(
            ConfigObject settings, String type, int classes, boolean bias) {
        boolean tied = settings.flag("tie_word_embeddings", false);
        String pooling = settings.text("classifier_pooling", "late");
        settings.must(
                "classifier_pooling",
                List.of("bos", "mean", "late").contains(pooling),
                "bos, mean or late");
        return switch (type.substring("EuroBert".length())) {
            case "ForMaskedLM" -> new Bert.Head.Tokens(bias, tied);
            case "ForSequenceClassification" ->
                    new Bert.Head.DenseClasses(
                            classes,
                            new ActivationSpec.Gelu(),
                            switch (pooling) {
                                case "bos" -> Bert.DensePool.FIRST;
                                case "mean" -> Bert.DensePool.MEAN;
                                default -> Bert.DensePool.LATE;
                            });
            case "ForTokenClassification" -> new Bert.Head.TokenClasses(classes);
            default -> new Bert.Head.None();
        };
    }

    /**
     * Reads Nomic (Nussbaum et al. 2024, arXiv:2402.01613), also with the settings of its authors'
     * code.
     */
    static ModelDescription nomic(ConfigObject settings, String name) {
        boolean authors = settings.has("n_embd");
        if (authors) {
            requireNomic(settings);
        }
        return new Rotary(settings, "NomicBert", 30528, 2048, 2)
                .describe(
                        name,
                        settings.number("rotary_emb_base", 1000),
                        HuggingFaceConfig.activation(settings, "hidden_act", "silu"),
                        authors ? "layer_norm_epsilon" : "layer_norm_eps",
                        settings.number("hidden_dropout_prob", 0),
                        EncoderBlocks.BERT.with().bias(false).gated(true));
    }

    private static void requireNomic(ConfigObject settings) {
        settings.must(
                "activation_function",
                List.of("swiglu", "silu").contains(settings.text("activation_function", "swiglu")),
                "swiglu");
        settings.mustBeFalse(
                """
                causal prenorm parallel_block use_rms_norm qkv_proj_bias mlp_fc1_bias
                mlp_fc2_bias rotary_emb_interleaved scale_attn_by_inverse_layer_idx
                moe_every_n_layers
                """
                        .split("\\s+"));
        double turned = settings.number("rotary_emb_fraction", 1);
        settings.must("rotary_emb_fraction", turned == 1, "1");
        for (String key : List.of("rotary_scaling_factor", "rotary_emb_scale_base")) {
            settings.must(key, !settings.has(key), "null");
        }
        // They act in training, or choose a kernel.
        settings.ignore(
                """
                attn_pdrop embd_pdrop resid_pdrop dense_seq_output fused_bias_fc
                fused_dropout_add_ln last_layer_subset max_trained_positions
                pad_vocab_size_multiple reorder_and_upcast_attn scale_attn_weights
                sequence_parallel summary_activation summary_first_dropout
                summary_proj_to_labels summary_type summary_use_proj use_flash_attn use_xentropy
                auto_map
                """
                        .split("\\s+"));
    }

    /**
     * Reads GTE (Zhang et al. 2024, arXiv:2407.19669), also with the settings of its authors' code,
     * whose model type is {@code new}.
     */
    static ModelDescription gte(ConfigObject settings, String name) {
        boolean authors = settings.text("model_type", "").equals("new");
        if (authors) {
            requireAuthors(settings);
        }
        double dropout = settings.number("hidden_dropout_prob", 0.1);
        return new Rotary(settings, authors ? "New" : "Gte", 250048, 8192, 1)
                .describe(
                        name,
                        authors ? 10000 : 160000,
                        HuggingFaceConfig.activation(settings, "hidden_act", "gelu"),
                        "layer_norm_eps",
                        dropout,
                        EncoderBlocks.BERT
                                .with()
                                .hiddenBias(false)
                                .gated(true)
                                .innerDropout(dropout));
    }

    private static void requireAuthors(ConfigObject settings) {
        String positions = settings.text("position_embedding_type", "rope");
        settings.must("position_embedding_type", positions.equals("rope"), "rope");
        String norm = settings.text("layer_norm_type", "layer_norm");
        settings.must("layer_norm_type", norm.equals("layer_norm"), "layer_norm");
        settings.must("pack_qkv", settings.flag("pack_qkv", true), "true");
        settings.mustBeFalse("logn_attention_scale");
        // They choose a kernel, or act with logn_attention_scale.
        settings.ignore(
                "auto_map",
                "logn_attention_clip1",
                "unpad_inputs",
                "use_memory_efficient_attention");
    }

    /** Reads jina-embeddings-v3 (Sturua et al. 2024, arXiv:2409.10173). */
    static ModelDescription jina(ConfigObject settings, String name) {
        return new Rotary(settings, JINA, 250002, 8194, 1)
                .describe(
                        name,
                        20000,
                        HuggingFaceConfig.activation(settings, "hidden_act", "gelu"),
                        "layer_norm_eps",
                        settings.number("hidden_dropout_prob", 0.1),
                        EncoderBlocks.BERT.with());
    }

    /**
     * An encoder of BERT's blocks with rotary positions.
     *
     * @param settings the {@code config.json}
     * @param prefix the start of its class names
     * @param vocabulary the number of ids that a file may leave out
     * @param length the number of positions that a file may leave out
     * @param segments the number of segments that a file may leave out
     */
    private record Rotary(
            ConfigObject settings, String prefix, int vocabulary, int length, int segments) {
        private int size(String key, String other, int absent) {
            return settings.integer(settings.has(other) ? other : key, absent);
        }

        private ModelDescription describe(
                String name,
                double base,
                ActivationSpec activation,
                String eps,
                double dropout,
                EncoderBlocksBuilder blocks) {
            String type =
                    prefix.equals(JINA)
                            ? architecture(settings, prefix, ANSWERS)
                            : architecture(settings, prefix);
            ClassLabels labels = TransformersConfig.labels(settings, type);
            boolean tied = settings.flag("tie_word_embeddings", true);
            int width = size("hidden_size", "n_embd", 768);
            int heads = size("num_attention_heads", "n_head", 12);
            int head = settings.integer("head_dim", width / heads);
            settings.must("head_dim", head * heads == width, "" + width / heads);
            int positions = size("max_position_embeddings", "n_positions", length);
            int ids = settings.integer("vocab_size", vocabulary);
            RotarySettings rotary = new RotarySettings(settings, head, positions, false, base, 1);
            boolean fixed =
                    !prefix.startsWith("Nomic") && !(activation instanceof ActivationSpec.Gelu);
            Bert network =
                    Bert.of(ids, width, size("num_hidden_layers", "n_layer", 12), heads)
                            .with()
                            .mlpRatio(size("intermediate_size", "n_inner", 3072) / (double) width)
                            .activation(activation)
                            .segments(settings.integer("type_vocab_size", segments, 0))
                            .positionTable(PositionTable.NONE)
                            .norm(HuggingFaceConfig.layerNorm(settings, eps, 1e-12))
                            .blocks(blocks.position(rotary.of("", true)).build())
                            .dropout(
                                    new DropoutRates(
                                            dropout,
                                            settings.number("attention_probs_dropout_prob", 0),
                                            dropout,
                                            settings.number("classifier_dropout", dropout)))
                            .transform(Bert.HeadTransform.NONE.withFixed(fixed))
                            .head(rotaryHead(type, labels.count(), tied))
                            .build();
            return labels.describe(
                    new ModelSpec(name, new InputSpec.Tokens(positions, ids), network));
        }
    }

    private static Bert.Head rotaryHead(String type, int classes, boolean tied) {
        return switch (type.replaceFirst(".*(?=For)", "")) {
            case "ForMaskedLM" -> new Bert.Head.MaskedLm(tied, 0);
            case "ForSequenceClassification" ->
                    type.startsWith(JINA)
                            ? new Bert.Head.DenseClasses(classes, new ActivationSpec.Tanh())
                            : new Bert.Head.Classes(classes, Bert.Pool.POOLER);
            case "ForTokenClassification" -> new Bert.Head.TokenClasses(classes);
            case ANSWERS -> new Bert.Head.Spans();
            default -> type.startsWith(JINA) ? new Bert.Head.Pooler() : new Bert.Head.None();
        };
    }
}
