package io.residuum.transformer.family;

import io.residuum.model.ConfigObject;
import io.residuum.model.ModelDescription;
import io.residuum.model.huggingface.ClassLabels;
import io.residuum.model.huggingface.TransformersConfig;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.transformer.branch.PositionSpec;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** Reads the settings of causal language models of transformers, and of classifiers on them. */
final class HuggingFaceDecoder {
    private HuggingFaceDecoder() {}

    static ModelDescription gpt2(ConfigObject settings, String name) {
        int length = settings.integer("n_positions", 1024);
        settings.must(
                "n_ctx",
                settings.integer("n_ctx", length) >= length,
                "at least n_positions, " + length);
        settings.ignore(
                "reorder_and_upcast_attn",
                "summary_activation",
                "summary_first_dropout",
                "summary_proj_to_labels",
                "summary_type",
                "summary_use_proj");
        if (!settings.flag("scale_attn_weights", true)
                || settings.flag("scale_attn_by_inverse_layer_idx", false)) {
            return DecoderTypes.read("gpt2", settings, name);
        }
        Architecture type = Architecture.of(settings, "GPT2");
        int width = settings.integer("n_embd", 768);
        int vocabulary = settings.integer("vocab_size", 50257);
        Gpt network =
                Gpt.of(
                                vocabulary,
                                width,
                                settings.integer("n_layer", 12),
                                settings.integer("n_head", 12))
                        .with()
                        .mlpRatio(settings.integer("n_inner", 4 * width) / (double) width)
                        .activation(
                                HuggingFaceConfig.activation(
                                        settings, "activation_function", "gelu_new"))
                        .norm(HuggingFaceConfig.layerNorm(settings, "layer_norm_epsilon", 1e-5))
                        .dropout(
                                new DropoutRates(
                                        settings.number("embd_pdrop", 0.1),
                                        settings.number("attn_pdrop", 0.1),
                                        settings.number("resid_pdrop", 0.1),
                                        0))
                        .tied(settings.flag("tie_word_embeddings", true))
                        .head(type.head(new DecoderHead.Lm()))
                        .build();
        return type.labels()
                .describe(new ModelSpec(name, new InputSpec.Tokens(length, vocabulary), network));
    }

    /**
     * The class of a decoder in transformers, which decides its head.
     *
     * @param head the part of its name after that of the model type
     * @param labels the classes of a classifier
     * @param dropout dropout before a classifier of tokens
     */
    record Architecture(String head, ClassLabels labels, double dropout) {
        private static final String TOKENS = "ForTokenClassification";

        /**
         * Reads the class.
         *
         * @param prefix the start of the names of its classes
         */
        static Architecture of(ConfigObject settings, String prefix) {
            boolean old = prefix.equals("GPT2") || prefix.equals("OpenAIGPT");
            String causal = old ? "LMHeadModel" : "ForCausalLM";
            String[] supported =
                    Stream.of(
                                    causal,
                                    "Model",
                                    "ForSequenceClassification",
                                    TOKENS,
                                    "ForQuestionAnswering")
                            .map(prefix::concat)
                            .toArray(String[]::new);
            String type = HuggingFaceConfig.architecture(settings, supported[0], supported);
            // Classifiers of tokens have it even if the file names no dropout.
            double dropout =
                    type.endsWith(TOKENS)
                            ? settings.number(
                                    "classifier_dropout", settings.number("hidden_dropout", 0.1))
                            : 0;
            settings.ignore("classifier_dropout");
            return new Architecture(
                    type.substring(prefix.length()),
                    TransformersConfig.labels(settings, type),
                    dropout);
        }

        DecoderHead head(DecoderHead.Lm lm) {
            return switch (head) {
                case "Model" -> new DecoderHead.None();
                case "ForSequenceClassification" -> new DecoderHead.Classes(labels.count());
                case TOKENS -> new DecoderHead.TokenClasses(labels.count(), dropout);
                case "ForQuestionAnswering" -> new DecoderHead.Spans();
                default -> lm;
            };
        }
    }

    /** The sizes of a model type whose settings a file may leave out. */
    private record Absent(
            String prefix, int vocabulary, int length, int mlpWidth, int kvHeads, double eps) {}

    static ModelDescription llama(ConfigObject settings, String name) {
        // The first is of Meta's parallel code; the others name what transformers does anyway.
        settings.ignore("pretraining_tp", "is_llama_config");
        settings.mustBeFalse("rope_interleaved");
        boolean bias = settings.flag("attention_bias", false);
        Absent absent = new Absent("Llama", 32000, 2048, 11008, 0, 1e-6);
        int length = settings.integer("max_position_embeddings", absent.length);
        return described(
                settings, name, absent, length, 0, bias, bias, settings.flag("mlp_bias", false));
    }

    static ModelDescription mistral(ConfigObject settings, String name) {
        settings.mustBeFalse("attention_bias", "mlp_bias");
        Absent absent = new Absent("Mistral", 32000, 131072, 14336, 8, 1e-6);
        int length = settings.integer("max_position_embeddings", absent.length);
        boolean none = settings.names("sliding_window") && !settings.has("sliding_window");
        int window = none ? 0 : settings.integer("sliding_window", 4096);
        return described(
                settings,
                name,
                absent,
                length,
                window(settings, length, window, 0),
                false,
                false,
                false);
    }

    static ModelDescription qwen2(ConfigObject settings, String name) {
        Absent absent = new Absent("Qwen2", 151936, 32768, 22016, 0, 1e-6);
        int length = settings.integer("max_position_embeddings", absent.length);
        boolean slides = settings.flag("use_sliding_window", false);
        int window = slides ? settings.integer("sliding_window", 4096) : 0;
        settings.ignore("sliding_window", "max_window_layers");
        int first = settings.integer("max_window_layers", 28, 0);
        int depth = settings.integer("num_hidden_layers", 32);
        int sliding = sliding(settings, depth, first);
        if (window > 0 && window < length && sliding > 0 && sliding < depth) {
            return DecoderTypes.read("qwen2", settings, name);
        }
        // Only queries, keys and values have biases.
        return described(
                settings,
                name,
                absent,
                length,
                window(settings, length, window, first),
                true,
                false,
                false);
    }

    /**
     * {@return the window that all layers have, 0 for none}
     *
     * @param first the first layer with a window, if the layers' types are not listed
     */
    private static int window(ConfigObject settings, int length, int window, int first) {
        int depth = settings.integer("num_hidden_layers", 32);
        int sliding = sliding(settings, depth, first);
        // A window as long as the context hides nothing.
        if (window <= 0 || window >= length) {
            return 0;
        }
        settings.require(
                sliding == 0 || sliding == depth,
                settings.has("layer_types") ? "layer_types" : "max_window_layers",
                "all %d layers must have the window of %d or none, but %d have it"
                        .formatted(depth, window, sliding));
        return sliding == 0 ? 0 : window;
    }

    /** {@return the number of layers with a window} */
    private static int sliding(ConfigObject settings, int depth, int first) {
        List<String> types = HuggingFaceConfig.layerTypes(settings, depth, i -> i >= first);
        return Collections.frequency(types, HuggingFaceConfig.SLIDING);
    }

    private static ModelDescription described(
            ConfigObject settings,
            String name,
            Absent absent,
            int length,
            int window,
            boolean qkvBias,
            boolean outputBias,
            boolean mlpBias) {
        Architecture type = Architecture.of(settings, absent.prefix);
        // Every layer of a model without windows attends to all earlier positions.
        settings.ignore("layer_types");
        int width = settings.integer("hidden_size", 4096);
        int heads = settings.integer("num_attention_heads", 32);
        int headWidth = settings.integer("head_dim", 0);
        int vocabulary = settings.integer("vocab_size", absent.vocabulary);
        int rotated = headWidth == 0 ? width / heads : headWidth;
        PositionSpec.Rotary rotary =
                new RotarySettings(settings, rotated, length, false, 10000, 1).of("", true);
        Llama network =
                Llama.of(
                                vocabulary,
                                width,
                                settings.integer("num_hidden_layers", 32),
                                heads,
                                settings.integer("intermediate_size", absent.mlpWidth))
                        .with()
                        .kvHeads(settings.integer("num_key_value_heads", absent.kvHeads))
                        .headWidth(headWidth * heads == width ? 0 : headWidth)
                        .activation(HuggingFaceConfig.activation(settings, "hidden_act", "silu"))
                        .qkvBias(qkvBias)
                        .outputBias(outputBias)
                        .mlpBias(mlpBias)
                        .rotary(rotary)
                        .eps(settings.number("rms_norm_eps", absent.eps))
                        .window(window)
                        .attentionDropout(settings.number("attention_dropout", 0))
                        .tied(settings.flag("tie_word_embeddings", false))
                        .head(type.head(new DecoderHead.Lm()))
                        .build();
        return type.labels()
                .describe(new ModelSpec(name, new InputSpec.Tokens(length, vocabulary), network));
    }
}
