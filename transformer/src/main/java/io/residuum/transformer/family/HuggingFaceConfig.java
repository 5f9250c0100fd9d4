package io.residuum.transformer.family;

import io.residuum.model.ClassActivation;
import io.residuum.model.ConfigObject;
import io.residuum.model.ModelDescription;
import io.residuum.model.ModelMetadata;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.transformer.window.Swin;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Converts the {@code config.json} of Hugging Face transformers to a spec of the same network.
 * Settings that our networks do not support are refused by name. Settings that transformers does
 * not document for the model are reported.
 */
final class HuggingFaceConfig {
    /** The type of a layer whose attention has a window. */
    static final String SLIDING = "sliding_attention";

    /** The type of a layer whose attention has none. */
    static final String FULL = "full_attention";

    /** Settings of training, generation and the library, which do not change the output. */
    private static final String[] WITHOUT_EFFECT = {
        "_attn_implementation",
        "_attn_implementation_autoset",
        "_attn_implementation_internal",
        "_commit_hash",
        "_name_or_path",
        "_num_labels",
        "architectures",
        "attn_implementation",
        "bad_words_ids",
        "begin_suppress_tokens",
        "bos_token_id",
        "chunk_size_feed_forward",
        "cls_token_id",
        "cross_attention_hidden_size",
        "custom_pipelines",
        "decoder_start_token_id",
        "diversity_penalty",
        "do_sample",
        "dtype",
        "early_stopping",
        "encoder_no_repeat_ngram_size",
        "eos_token_id",
        "exponential_decay_length_penalty",
        "finetuning_task",
        "forced_bos_token_id",
        "forced_eos_token_id",
        "gradient_checkpointing",
        "id2label",
        "initializer_factor",
        "initializer_range",
        "label2id",
        "language",
        "length_penalty",
        "license",
        "mask_token_id",
        "max_length",
        "max_new_tokens",
        "min_length",
        "no_repeat_ngram_size",
        "num_beam_groups",
        "num_beams",
        "num_labels",
        "num_return_sequences",
        "output_attentions",
        "output_hidden_states",
        "output_past",
        "output_scores",
        "pad_token_id",
        "prefix",
        "remove_invalid_values",
        "repetition_penalty",
        "return_dict",
        "return_dict_in_generate",
        "sep_token_id",
        "suppress_tokens",
        "task_specific_params",
        "temperature",
        "tf_legacy_loss",
        "tie_encoder_decoder",
        "tokenizer_class",
        "top_k",
        "top_p",
        "torch_dtype",
        "torchscript",
        "transformers_version",
        "typical_p",
        "unk_token_id",
        "use_bfloat16",
        "use_cache"
    };

    /** Reads the models of a type. */
    private interface Reader {
        ModelDescription read(
                ConfigObject settings, @Nullable ConfigObject preprocessor, String name);
    }

    private static final Map<String, Reader> IMAGES = new TreeMap<>();
    private static final Map<String, Reader> ENCODERS = new TreeMap<>();
    private static final Map<String, Reader> DECODERS = new TreeMap<>();
    private static final Map<String, Reader> PAIRS = new TreeMap<>();
    private static final Map<String, Reader> READERS = new HashMap<>();

    static {
        IMAGES.put("vit", HuggingFaceVision::vit);
        IMAGES.put("deit", HuggingFaceVision::deit);
        IMAGES.put("dinov2", (s, p, n) -> HuggingFaceImageModels.dinov2(s, p, n, false));
        IMAGES.put(
                "dinov2_with_registers", (s, p, n) -> HuggingFaceImageModels.dinov2(s, p, n, true));
        IMAGES.put("clip_vision_model", HuggingFaceImageModels::clip);
        IMAGES.put("siglip_vision_model", HuggingFaceImageModels::siglip);
        IMAGES.put("clip", (s, p, n) -> HuggingFaceImageTexts.both(s, p, n, false));
        IMAGES.put("siglip", (s, p, n) -> HuggingFaceImageTexts.both(s, p, n, true));
        IMAGES.put("swin", (s, p, n) -> HuggingFaceImageModels.swin(s, p, n, Swin.Version.V1));
        IMAGES.put("swinv2", (s, p, n) -> HuggingFaceImageModels.swin(s, p, n, Swin.Version.V2));
        ENCODERS.put("clip_text_model", (s, p, n) -> HuggingFaceImageTexts.clipText(s, n));
        ENCODERS.put("siglip_text_model", (s, p, n) -> HuggingFaceImageTexts.siglipText(s, n));
        for (String type : HuggingFaceEncoder.NAMES) {
            ENCODERS.put(type, (s, p, n) -> HuggingFaceEncoder.read(type, s, n));
        }
        ENCODERS.put("modernbert", (s, p, n) -> HuggingFaceModernBert.read(s, n));
        for (String type : DecoderTypes.NAMES) {
            DECODERS.put(type, (s, p, n) -> DecoderTypes.read(type, s, n));
        }
        DECODERS.put("gpt2", (s, p, n) -> HuggingFaceDecoder.gpt2(s, n));
        DECODERS.put("llama", (s, p, n) -> HuggingFaceDecoder.llama(s, n));
        DECODERS.put("mistral", (s, p, n) -> HuggingFaceDecoder.mistral(s, n));
        DECODERS.put("qwen2", (s, p, n) -> HuggingFaceDecoder.qwen2(s, n));
        for (String type : HuggingFaceSeq2Seq.NAMES) {
            PAIRS.put(type, (s, p, n) -> HuggingFaceSeq2Seq.read(type, s, n));
        }
        List.of(IMAGES, ENCODERS, DECODERS, PAIRS).forEach(READERS::putAll);
    }

    private HuggingFaceConfig() {}

    /**
     * Reads a configuration.
     *
     * @param settings the {@code config.json}
     * @param preprocessor the {@code preprocessor_config.json} beside it; null for none
     * @throws io.residuum.spec.SpecException if a setting is not supported
     */
    static ModelDescription read(
            ConfigObject settings, @Nullable ConfigObject preprocessor, String name) {
        settings.mustBeFalse("add_cross_attention", "is_decoder");
        settings.requireEmpty("quantization_config", "weights must not be quantized");
        settings.requireEmpty("pruned_heads", "heads must not be pruned");
        String type = settings.text("model_type", "");
        settings.require(
                READERS.containsKey(type),
                "model_type",
                "the model must be of images (%s), an encoder (%s), a decoder (%s) or both (%s)"
                        .formatted(names(IMAGES), names(ENCODERS), names(DECODERS), names(PAIRS)));
        if (!PAIRS.containsKey(type)) {
            settings.mustBeFalse("is_encoder_decoder");
        }
        ModelDescription model =
                Objects.requireNonNull(READERS.get(type)).read(settings, preprocessor, name);
        settings.ignore(WITHOUT_EFFECT);
        return model.withWarnings(warnings(settings));
    }

    /** {@return the warnings about the settings of a part of a model, after it was read} */
    static List<String> warningsOfPart(ConfigObject part) {
        part.ignore(WITHOUT_EFFECT);
        part.ignore("model_type");
        return warnings(part);
    }

    private static String names(Map<String, Reader> types) {
        return String.join(", ", types.keySet());
    }

    /** A setting that we do not know may change the network, so the user must see its name. */
    private static List<String> warnings(ConfigObject settings) {
        List<String> unknown = settings.unread();
        return unknown.isEmpty()
                ? List.of()
                : List.of(
                        "%s: unknown settings are ignored: %s; check that they do not change the network"
                                .formatted(settings.source(), String.join(", ", unknown)));
    }

    static ActivationSpec activation(ConfigObject settings, String key, String absent) {
        return activationOf(settings, key, settings.text(key, absent));
    }

    /** {@return the activation of a name that is part of the value of a key} */
    static ActivationSpec activationOf(ConfigObject settings, String key, String name) {
        return switch (name) {
            case "gelu", "gelu_python" -> new ActivationSpec.Gelu();
            case "gelu_new", "gelu_pytorch_tanh", "gelu_fast" -> new ActivationSpec.GeluTanh();
            case "quick_gelu" -> new ActivationSpec.QuickGelu();
            case "relu" -> ActivationSpec.RELU;
            case "relu2" -> new ActivationSpec.ReluSquared();
            case "relu6" -> new ActivationSpec.Relu6();
            case "selu" -> new ActivationSpec.Selu();
            case "silu", "swish" -> new ActivationSpec.Silu();
            default ->
                    throw settings.refusal(
                            key,
                            "must be gelu, gelu_new, quick_gelu, relu, relu2, relu6, selu or silu");
        };
    }

    /** {@return the activation of Gemma, whose early files mean the approximation by "gelu"} */
    static ActivationSpec tanhGelu(ConfigObject settings, String key) {
        ActivationSpec found = activation(settings, key, "gelu_pytorch_tanh");
        return found instanceof ActivationSpec.Gelu ? new ActivationSpec.GeluTanh() : found;
    }

    static NormSpec layerNorm(ConfigObject settings, String eps, double absent) {
        return new NormSpec.OfLayer(settings.number(eps, absent), 1);
    }

    /** {@return the types of all layers, by default from their index} */
    static List<String> layerTypes(ConfigObject settings, int depth, IntPredicate sliding) {
        List<String> types = settings.texts("layer_types");
        if (types.isEmpty()) {
            types =
                    IntStream.range(0, depth)
                            .mapToObj(i -> sliding.test(i) ? SLIDING : FULL)
                            .toList();
        }
        settings.must("layer_types", types.size() == depth, "as many as the layers, " + depth);
        settings.must(
                "layer_types",
                types.stream().allMatch(t -> t.equals(SLIDING) || t.equals(FULL)),
                FULL + " or " + SLIDING);
        return types;
    }

    /** {@return the class of the model in transformers, whose heads we support} */
    static String architecture(ConfigObject settings, String absent, String... supported) {
        List<String> all = settings.texts("architectures");
        String found = all.isEmpty() ? absent : all.get(0);
        settings.require(
                List.of(supported).contains(found),
                "architectures",
                "must be " + String.join(" or ", supported));
        return found;
    }

    /**
     * The classes of a classifier.
     *
     * @param count their number; 0 for no classifier
     * @param names their names; empty if the file has none
     * @param activation the function from outputs to scores
     */
    record Labels(int count, List<String> names, ClassActivation activation) {
        static final Labels NONE = new Labels(0, List.of(), ClassActivation.SOFTMAX);

        ModelDescription describe(ModelSpec spec) {
            ModelMetadata metadata = ModelMetadata.EMPTY.withClassNames(names);
            return new ModelDescription(spec, activation.on(metadata));
        }
    }

    /** {@return the classes of a class of transformers; none if it is no classifier} */
    static Labels labels(ConfigObject settings, String type) {
        if (type.endsWith("ForMultipleChoice")) {
            // The scores of the choices are compared with each other.
            return new Labels(1, List.of(), ClassActivation.IDENTITY);
        }
        if (!type.contains("Classification")) {
            return Labels.NONE;
        }
        List<String> names =
                settings.object("id2label").map(HuggingFaceConfig::names).orElse(List.of());
        int count = settings.integer("num_labels", names.isEmpty() ? 2 : names.size());
        settings.must(
                "num_labels",
                names.isEmpty() || count == names.size(),
                "the size of id2label, " + names.size());
        return new Labels(count, names, activation(settings, count));
    }

    /** As transformers' pipelines and the {@code CrossEncoder} of sentence-transformers choose. */
    private static ClassActivation activation(ConfigObject settings, int count) {
        String problem = settings.text("problem_type", "");
        Optional<ConfigObject> sentences = settings.object("sentence_transformers");
        sentences.ifPresent(s -> s.ignore("version"));
        String given =
                sentences
                        .map(s -> s.text("activation_fn", ""))
                        .orElse(settings.text("sbert_ce_default_activation_function", ""));
        return switch (given.substring(given.lastIndexOf('.') + 1)) {
            case "" ->
                    switch (problem) {
                        case "regression" -> ClassActivation.IDENTITY;
                        case "multi_label_classification" -> ClassActivation.SIGMOID;
                        case "", "single_label_classification" ->
                                count == 1 ? ClassActivation.SIGMOID : ClassActivation.SOFTMAX;
                        default ->
                                throw settings.refusal(
                                        "problem_type",
                                        "must be regression, single_label_classification or"
                                                + " multi_label_classification");
                    };
            case "Sigmoid" -> ClassActivation.SIGMOID;
            case "Identity" -> ClassActivation.IDENTITY;
            case "Softmax" -> ClassActivation.SOFTMAX;
            default ->
                    throw settings.refusal(
                            sentences.isPresent()
                                    ? "sentence_transformers"
                                    : "sbert_ce_default_activation_function",
                            "the activation must be Sigmoid, Identity or Softmax");
        };
    }

    private static List<String> names(ConfigObject labels) {
        return IntStream.range(0, labels.size())
                .mapToObj(i -> labels.text(Integer.toString(i), "class " + i))
                .toList();
    }
}
