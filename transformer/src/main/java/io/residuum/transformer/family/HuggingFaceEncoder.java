package io.residuum.transformer.family;

import io.residuum.model.ConfigObject;
import io.residuum.model.ModelDescription;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;

/** Reads the settings of text encoders of transformers. */
final class HuggingFaceEncoder {
    private HuggingFaceEncoder() {}

    static ModelDescription bert(ConfigObject settings, String name) {
        String positions = settings.text("position_embedding_type", "absolute");
        settings.must("position_embedding_type", positions.equals("absolute"), "\"absolute\"");
        // The first BERT's own code wrote these; transformers never read them.
        settings.ignore(
                "directionality",
                "pooler_fc_size",
                "pooler_num_attention_heads",
                "pooler_num_fc_layers",
                "pooler_size_per_head",
                "pooler_type");
        String type =
                HuggingFaceConfig.architecture(
                        settings,
                        "BertModel",
                        "BertModel",
                        "BertForMaskedLM",
                        "BertForPreTraining",
                        "BertForSequenceClassification");
        HuggingFaceConfig.Labels classes = HuggingFaceConfig.labels(settings, type);
        Bert.Head head =
                switch (type) {
                    case "BertForMaskedLM" -> new Bert.Head.MaskedLm();
                    case "BertForPreTraining" -> new Bert.Head.Pretraining();
                    case "BertForSequenceClassification" ->
                            new Bert.Head.Classes(classes.count(), Bert.Pool.POOLER);
                    default -> new Bert.Head.Pooler();
                };
        boolean hasDecoder =
                head instanceof Bert.Head.MaskedLm || head instanceof Bert.Head.Pretraining;
        boolean tied = settings.flag("tie_word_embeddings", true);
        settings.must("tie_word_embeddings", tied || !hasDecoder, "true");
        double dropout = settings.number("hidden_dropout_prob", 0.1);
        int width = settings.integer("hidden_size", 768);
        int vocabulary = settings.integer("vocab_size", 30522);
        Bert network =
                Bert.of(
                                vocabulary,
                                width,
                                settings.integer("num_hidden_layers", 12),
                                settings.integer("num_attention_heads", 12))
                        .with()
                        .mlpRatio(settings.integer("intermediate_size", 4 * width) / (double) width)
                        .activation(HuggingFaceConfig.activation(settings, "hidden_act", "gelu"))
                        .segments(settings.integer("type_vocab_size", 2))
                        .norm(HuggingFaceConfig.layerNorm(settings, "layer_norm_eps", 1e-12))
                        .dropout(
                                new DropoutRates(
                                        dropout,
                                        settings.number("attention_probs_dropout_prob", 0.1),
                                        dropout,
                                        settings.number("classifier_dropout", dropout)))
                        .head(head)
                        .build();
        int length = settings.integer("max_position_embeddings", 512);
        return classes.describe(
                new ModelSpec(name, new InputSpec.Tokens(length, vocabulary), network));
    }
}
