package io.residuum.transformer.family;

import io.residuum.model.ConfigObject;
import io.residuum.model.ModelDescription;
import io.residuum.model.huggingface.ClassLabels;
import io.residuum.model.huggingface.TransformersConfig;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.transformer.blocks.BlockAttention;
import io.residuum.transformer.blocks.NormPlacement;
import io.residuum.transformer.branch.PositionSpec;
import io.residuum.transformer.layers.PositionTable;
import java.util.List;
import java.util.stream.IntStream;

/** Reads the settings of ModernBERT of transformers. */
final class HuggingFaceModernBert {
    private static final String PREFIX = "ModernBert";

    private HuggingFaceModernBert() {}

    static ModelDescription read(ConfigObject settings, String name) {
        String type =
                HuggingFaceConfig.architecture(
                        settings,
                        PREFIX + "Model",
                        PREFIX + "Model",
                        PREFIX + "ForMaskedLM",
                        PREFIX + "ForSequenceClassification",
                        PREFIX + "ForTokenClassification",
                        PREFIX + "ForQuestionAnswering");
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
        boolean tied = settings.flag("tie_word_embeddings", true);
        settings.must(
                "tie_word_embeddings",
                tied || !type.endsWith("MaskedLM"),
                "true for masked tokens");
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
        boolean bias = settings.flag("attention_bias", false);
        settings.must("mlp_bias", settings.flag("mlp_bias", false) == bias, "attention_bias");
        // A query sees half of the window on each side, and itself.
        int window = settings.integer("local_attention", 128) / 2 + 1;
        BlockAttention local =
                new BlockAttention(
                        locals(settings),
                        window,
                        rotary(settings, HuggingFaceConfig.SLIDING, "local_rope_theta", 1e4));
        return EncoderBlocks.BERT
                .with()
                .position(rotary(settings, HuggingFaceConfig.FULL, "global_rope_theta", 1.6e5))
                .local(local)
                .bias(bias)
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
        return new Bert.HeadTransform(
                true,
                settings.flag("classifier_bias", false),
                HuggingFaceConfig.activation(settings, "classifier_activation", "gelu"),
                settings.flag("decoder_bias", true));
    }

    private static Bert.Head head(ConfigObject settings, String type, int classes) {
        String pooling = settings.text("classifier_pooling", "cls");
        settings.must(
                "classifier_pooling", List.of("cls", "mean").contains(pooling), "cls or mean");
        Bert.Pool pool = pooling.equals("cls") ? Bert.Pool.FIRST : Bert.Pool.MEAN;
        return switch (type.substring(PREFIX.length())) {
            case "ForMaskedLM" -> new Bert.Head.MaskedLm();
            case "ForSequenceClassification" -> new Bert.Head.Classes(classes, pool);
            case "ForTokenClassification" -> new Bert.Head.TokenClasses(classes);
            case "ForQuestionAnswering" -> new Bert.Head.Spans();
            default -> new Bert.Head.None();
        };
    }
}
