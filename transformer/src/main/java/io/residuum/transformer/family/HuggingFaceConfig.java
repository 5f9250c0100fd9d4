package io.residuum.transformer.family;

import io.residuum.model.ModelDescription;
import io.residuum.model.ModelMetadata;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.transformer.branch.PositionSpec;
import io.residuum.transformer.branch.RotaryScaling;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Converts the {@code config.json} of Hugging Face transformers to a spec of the same network:
 * GPT-2, BERT, ViT and Llama. Unknown settings, and settings that our networks do not support, are
 * refused by name.
 */
final class HuggingFaceConfig {

    /** Settings of training, generation and the library, which do not change the output. */
    private static final String[] WITHOUT_EFFECT = {
        "_name_or_path",
        "architectures",
        "bos_token_id",
        "dtype",
        "eos_token_id",
        "gradient_checkpointing",
        "id2label",
        "initializer_range",
        "label2id",
        "num_labels",
        "output_attentions",
        "output_hidden_states",
        "output_past",
        "pad_token_id",
        "problem_type",
        "return_dict",
        "task_specific_params",
        "torch_dtype",
        "transformers_version",
        "use_cache"
    };

    private final ConfigObject settings;
    private List<String> classNames = List.of();

    private HuggingFaceConfig(ConfigObject settings) {
        this.settings = settings;
    }

    /**
     * Reads a configuration.
     *
     * @throws io.residuum.spec.SpecException if a setting is unknown or not supported
     */
    static ModelDescription read(ConfigObject settings, String name) {
        HuggingFaceConfig config = new HuggingFaceConfig(settings);
        ModelSpec spec = config.spec(name);
        settings.ignore(WITHOUT_EFFECT);
        settings.finish();
        return new ModelDescription(spec, ModelMetadata.EMPTY.withClassNames(config.classNames));
    }

    private ModelSpec spec(String name) {
        String type = settings.text("model_type", "");
        must("chunk_size_feed_forward", settings.integer("chunk_size_feed_forward", 0) == 0, "0");
        mustBeFalse("is_encoder_decoder", "add_cross_attention", "is_decoder");
        settings.require(
                settings.object("quantization_config").isEmpty(),
                "quantization_config",
                "weights must not be quantized");
        return switch (type) {
            case "gpt2" -> text(name, gpt2(), settings.integer("n_positions", 1024), 50257);
            case "bert" ->
                    text(name, bert(), settings.integer("max_position_embeddings", 512), 30522);
            case "llama" ->
                    text(name, llama(), settings.integer("max_position_embeddings", 2048), 32000);
            case "vit" -> vit(name);
            default ->
                    throw settings.refusal(
                            "model_type", "the model must be gpt2, bert, vit or llama");
        };
    }

    private ModelSpec text(String name, LayerSpec network, int length, int vocabulary) {
        int ids = settings.integer("vocab_size", vocabulary);
        return new ModelSpec(name, new InputSpec.Tokens(length, ids), network);
    }

    private void must(String key, boolean ok, String value) {
        settings.require(ok, key, "must be " + value);
    }

    private void mustBeFalse(String... keys) {
        for (String key : keys) {
            must(key, !settings.flag(key, false), "false");
        }
    }

    private ActivationSpec activation(String key, String absent) {
        return switch (settings.text(key, absent)) {
            case "gelu" -> new ActivationSpec.Gelu();
            case "gelu_new", "gelu_pytorch_tanh", "gelu_fast" -> new ActivationSpec.GeluTanh();
            case "relu" -> ActivationSpec.RELU;
            case "silu", "swish" -> new ActivationSpec.Silu();
            default -> throw settings.refusal(key, "must be gelu, gelu_new, relu or silu");
        };
    }

    private double sameRate(double absent, String first, String... others) {
        double rate = settings.number(first, absent);
        for (String other : others) {
            must(other, settings.number(other, absent) == rate, "equal to " + first + ", " + rate);
        }
        return rate;
    }

    /** Reads the names of the classes. Returns their number. */
    private int labels() {
        classNames = settings.object("id2label").map(HuggingFaceConfig::names).orElse(List.of());
        return settings.integer("num_labels", classNames.isEmpty() ? 2 : classNames.size());
    }

    private static List<String> names(ConfigObject labels) {
        return IntStream.range(0, labels.size())
                .mapToObj(i -> labels.text(Integer.toString(i), "class " + i))
                .toList();
    }

    private String architecture(String absent) {
        List<String> all = settings.texts("architectures");
        return all.isEmpty() ? absent : all.get(0);
    }

    private Gpt gpt2() {
        must(
                "architectures",
                architecture("GPT2LMHeadModel").matches("GPT2(LMHead)?Model"),
                "GPT2LMHeadModel or GPT2Model");
        must("scale_attn_weights", settings.flag("scale_attn_weights", true), "true");
        mustBeFalse("scale_attn_by_inverse_layer_idx");
        int length = settings.integer("n_positions", 1024);
        must(
                "n_ctx",
                settings.integer("n_ctx", length) == length,
                "equal to n_positions, " + length);
        settings.ignore(
                "reorder_and_upcast_attn",
                "summary_activation",
                "summary_first_dropout",
                "summary_proj_to_labels",
                "summary_type",
                "summary_use_proj");
        int width = settings.integer("n_embd", 768);
        return Gpt.of(
                        settings.integer("vocab_size", 50257),
                        width,
                        settings.integer("n_layer", 12),
                        settings.integer("n_head", 12))
                .with()
                .mlpRatio(settings.integer("n_inner", 4 * width) / (double) width)
                .activation(activation("activation_function", "gelu_new"))
                .norm(layerNorm("layer_norm_epsilon", 1e-5))
                .dropout(sameRate(0.1, "resid_pdrop", "embd_pdrop", "attn_pdrop"))
                .tied(settings.flag("tie_word_embeddings", true))
                .build();
    }

    private NormSpec layerNorm(String eps, double absent) {
        return new NormSpec.OfLayer(settings.number(eps, absent), 1);
    }

    private Bert bert() {
        String positions = settings.text("position_embedding_type", "absolute");
        must("position_embedding_type", positions.equals("absolute"), "\"absolute\"");
        double dropout = sameRate(0.1, "hidden_dropout_prob", "attention_probs_dropout_prob");
        double last = settings.number("classifier_dropout", dropout);
        must("classifier_dropout", last == dropout, "equal to hidden_dropout_prob, " + dropout);
        Bert.Head head =
                switch (architecture("BertModel")) {
                    case "BertModel" -> new Bert.Head.Pooler();
                    case "BertForMaskedLM" -> new Bert.Head.MaskedLm();
                    case "BertForPreTraining" -> new Bert.Head.Pretraining();
                    case "BertForSequenceClassification" ->
                            new Bert.Head.Classes(labels(), Bert.Pool.POOLER);
                    default ->
                            throw settings.refusal(
                                    "architectures",
                                    "must be BertModel, BertForMaskedLM, BertForPreTraining or"
                                            + " BertForSequenceClassification");
                };
        boolean tied =
                !(head instanceof Bert.Head.MaskedLm || head instanceof Bert.Head.Pretraining)
                        || settings.flag("tie_word_embeddings", true);
        must("tie_word_embeddings", tied, "true");
        settings.ignore("tie_word_embeddings");
        int width = settings.integer("hidden_size", 768);
        return Bert.of(
                        settings.integer("vocab_size", 30522),
                        width,
                        settings.integer("num_hidden_layers", 12),
                        settings.integer("num_attention_heads", 12))
                .with()
                .mlpRatio(settings.integer("intermediate_size", 4 * width) / (double) width)
                .activation(activation("hidden_act", "gelu"))
                .segments(settings.integer("type_vocab_size", 2))
                .norm(layerNorm("layer_norm_eps", 1e-12))
                .dropout(dropout)
                .head(head)
                .build();
    }

    private Llama llama() {
        must(
                "architectures",
                architecture("LlamaForCausalLM").equals("LlamaForCausalLM"),
                "LlamaForCausalLM");
        mustBeFalse("attention_bias", "mlp_bias");
        must("hidden_act", settings.text("hidden_act", "silu").equals("silu"), "\"silu\"");
        must("attention_dropout", settings.number("attention_dropout", 0) == 0, "0");
        int width = settings.integer("hidden_size", 4096);
        int heads = settings.integer("num_attention_heads", 32);
        must("num_attention_heads", heads > 0, "1 or more");
        int headWidth = settings.integer("head_dim", width / heads);
        must("head_dim", headWidth * heads == width, "hidden_size / num_attention_heads");
        settings.ignore("pretraining_tp");
        return Llama.of(
                        settings.integer("vocab_size", 32000),
                        width,
                        settings.integer("num_hidden_layers", 32),
                        heads,
                        settings.integer("intermediate_size", 11008))
                .with()
                .kvHeads(settings.integer("num_key_value_heads", heads))
                .rotary(rotary())
                .eps(settings.number("rms_norm_eps", 1e-6))
                .tied(settings.flag("tie_word_embeddings", false))
                .build();
    }

    private PositionSpec.Rotary rotary() {
        double base = settings.number("rope_theta", 10000);
        String key = settings.has("rope_parameters") ? "rope_parameters" : "rope_scaling";
        ConfigObject scaling = settings.object(key).orElse(null);
        if (scaling == null) {
            return new PositionSpec.Rotary(base, false, RotaryScaling.NONE);
        }
        base = scaling.number("rope_theta", base);
        String type = scaling.text("rope_type", scaling.text("type", "default"));
        scaling.ignore("type");
        RotaryScaling how =
                switch (type) {
                    case "default" -> RotaryScaling.NONE;
                    case "linear" -> new RotaryScaling.Linear(scaling.number("factor", 1));
                    case "llama3" ->
                            new RotaryScaling.Llama3(
                                    scaling.number("factor", 8),
                                    scaling.number("low_freq_factor", 1),
                                    scaling.number("high_freq_factor", 4),
                                    scaling.integer("original_max_position_embeddings", 8192));
                    default ->
                            throw scaling.refusal("rope_type", "must be default, linear or llama3");
                };
        scaling.finish();
        return new PositionSpec.Rotary(base, false, how);
    }

    private ModelSpec vit(String name) {
        must(
                "architectures",
                architecture("ViTForImageClassification").equals("ViTForImageClassification"),
                "ViTForImageClassification");
        must("qkv_bias", settings.flag("qkv_bias", true), "true");
        double attention = settings.number("attention_probs_dropout_prob", 0);
        must("attention_probs_dropout_prob", attention == 0, "0");
        settings.ignore("encoder_stride", "pooler_act", "pooler_output_size");
        int width = settings.integer("hidden_size", 768);
        int size = settings.integer("image_size", 224);
        VisionTransformer network =
                VisionTransformer.of(
                                settings.integer("patch_size", 16),
                                width,
                                settings.integer("num_hidden_layers", 12),
                                settings.integer("num_attention_heads", 12))
                        .with()
                        .mlpRatio(settings.integer("intermediate_size", 4 * width) / (double) width)
                        .activation(activation("hidden_act", "gelu"))
                        .norm(layerNorm("layer_norm_eps", 1e-12))
                        .dropout(settings.number("hidden_dropout_prob", 0))
                        .classes(labels())
                        .build();
        int channels = settings.integer("num_channels", 3);
        // The normalization is in another file; one half is the default of transformers.
        List<Double> half = Collections.nCopies(channels, 0.5);
        InputSpec input = new InputSpec.Image(List.of(channels, size, size), half, half);
        return new ModelSpec(name, input, network);
    }
}
