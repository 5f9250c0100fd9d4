package io.residuum.transformer.family;

import io.residuum.model.ConfigObject;
import io.residuum.model.ModelDescription;
import io.residuum.model.huggingface.ClassLabels;
import io.residuum.model.huggingface.TransformersConfig;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.transformer.branch.Disentangled;
import io.residuum.transformer.branch.PositionSpec;
import io.residuum.transformer.layers.PositionTable;
import java.util.List;
import java.util.stream.Stream;

/** Reads the settings of DeBERTa of transformers, versions 1 to 3. */
final class HuggingFaceDeberta {
    private static final String KINDS = "pos_att_type";

    private HuggingFaceDeberta() {}

    /**
     * Reads a configuration.
     *
     * @param first true if it is of version 1; versions 2 and 3 have one type
     */
    static ModelDescription read(ConfigObject settings, String name, boolean first) {
        String type = architecture(settings, first ? "Deberta" : "DebertaV2");
        ClassLabels labels = TransformersConfig.labels(settings, type);
        int width = settings.integer("hidden_size", first ? 768 : 1536);
        int heads = settings.integer("num_attention_heads", first ? 12 : 24);
        requireSupported(settings, width, heads);
        int vocabulary = settings.integer("vocab_size", first ? 50265 : 128100);
        int length = settings.integer("max_position_embeddings", 512);
        int absolute = settings.flag("position_biased_input", true) ? length : 0;
        double dropout = settings.number("hidden_dropout_prob", 0.1);
        NormSpec norm = HuggingFaceConfig.layerNorm(settings, "layer_norm_eps", 1e-7);
        Bert network =
                Bert.of(
                                vocabulary,
                                width,
                                settings.integer("num_hidden_layers", first ? 12 : 24),
                                heads)
                        .with()
                        .mlpRatio(
                                settings.integer("intermediate_size", first ? 3072 : 6144)
                                        / (double) width)
                        .activation(HuggingFaceConfig.activation(settings, "hidden_act", "gelu"))
                        .segments(settings.integer("type_vocab_size", 0))
                        .positionTable(absolute > 0 ? PositionTable.LEARNED : PositionTable.NONE)
                        .positions(absolute)
                        .norm(norm)
                        .blocks(
                                EncoderBlocks.BERT
                                        .with()
                                        .position(position(settings, length, norm, first))
                                        .keyBias(!first)
                                        .convolution(convolution(settings))
                                        .build())
                        .dropout(
                                new DropoutRates(
                                        dropout,
                                        settings.number("attention_probs_dropout_prob", 0.1),
                                        dropout,
                                        settings.number("cls_dropout", dropout)))
                        .head(head(settings, type, labels.count()))
                        .build();
        return labels.describe(
                new ModelSpec(name, new InputSpec.Tokens(length, vocabulary), network));
    }

    private static String architecture(ConfigObject settings, String prefix) {
        Stream<String> heads =
                Stream.of(
                        "Model",
                        "ForMaskedLM",
                        "ForSequenceClassification",
                        "ForTokenClassification",
                        "ForQuestionAnswering",
                        "ForMultipleChoice");
        String[] supported = heads.map(prefix::concat).toArray(String[]::new);
        return HuggingFaceConfig.architecture(settings, supported[0], supported);
    }

    private static void requireSupported(ConfigObject settings, int width, int heads) {
        settings.mustBeFalse("talking_head");
        for (String key : List.of("embedding_size", "pooler_hidden_size")) {
            settings.must(key, settings.integer(key, width) == width, "hidden_size, " + width);
        }
        int head = settings.integer("attention_head_size", width / heads);
        settings.must("attention_head_size", head * heads == width, "" + width / heads);
        // They act in training only, belong to the pooler of a classifier, or choose the names of
        // one head.
        settings.ignore("pooler_dropout", "pooler_hidden_act", "legacy");
    }

    private static EncoderBlocks.Convolution convolution(ConfigObject settings) {
        int kernel = settings.integer("conv_kernel_size", 0, 0);
        settings.must("conv_kernel_size", kernel == 0 || kernel % 2 == 1, "0 or odd");
        return new EncoderBlocks.Convolution(
                kernel,
                settings.integer("conv_groups", 1),
                HuggingFaceConfig.activation(settings, "conv_act", "tanh"));
    }

    private static PositionSpec position(
            ConfigObject settings, int length, NormSpec norm, boolean first) {
        List<String> kinds = settings.texts(KINDS, '|');
        boolean relative = settings.flag("relative_attention", false);
        settings.must(
                KINDS,
                List.of("c2p", "p2c").containsAll(kinds) && relative == !kinds.isEmpty(),
                "c2p, p2c or both with relative_attention, or nothing without it");
        int most = settings.integer("max_relative_positions", -1, -1);
        int buckets = first ? -1 : settings.integer("position_buckets", -1, -1);
        boolean shared = !first && settings.flag("share_att_key", false);
        List<String> norms = first ? List.of("none") : settings.texts("norm_rel_ebd", '|');
        if (!relative) {
            return PositionSpec.NONE;
        }
        return new Disentangled(
                most < 1 ? length : most,
                Math.max(0, buckets),
                kinds.contains("c2p"),
                kinds.contains("p2c"),
                shared,
                !first,
                norms.contains("layer_norm") ? norm : NormSpec.NONE,
                "");
    }

    private static Bert.Head head(ConfigObject settings, String type, int classes) {
        String head = type.substring(type.indexOf("For") < 0 ? 0 : type.indexOf("For"));
        // The head of the authors' code, which "legacy": false names, reads the embedding anyway.
        boolean tied = settings.flag("tie_word_embeddings", true) || !settings.flag("legacy", true);
        return switch (head) {
            case "ForMaskedLM" -> new Bert.Head.MaskedLm(tied, 0);
            case "ForSequenceClassification", "ForMultipleChoice" ->
                    new Bert.Head.DenseClasses(
                            classes,
                            HuggingFaceConfig.activation(settings, "pooler_hidden_act", "gelu"));
            case "ForTokenClassification" -> new Bert.Head.TokenClasses(classes);
            case "ForQuestionAnswering" -> new Bert.Head.Spans();
            default -> new Bert.Head.None();
        };
    }
}
