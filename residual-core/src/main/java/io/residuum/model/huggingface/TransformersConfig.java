package io.residuum.model.huggingface;

import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonPath;
import io.residuum.json.JsonReader;
import io.residuum.model.ClassActivation;
import io.residuum.model.ConfigObject;
import io.residuum.spec.InputSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Size2d;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Reads what all files {@code config.json} of Hugging Face transformers have in common. */
public final class TransformersConfig {
    private static final String PREPROCESSOR = "preprocessor_config.json";

    /** The factor from bytes to [0, 1], which our image reader applies. */
    private static final double RESCALE = 1 / 255.0;

    /** Settings of training, generation and the library, which do not change the output. */
    private static final String[] WITHOUT_EFFECT =
            """
            _attn_implementation _attn_implementation_autoset _attn_implementation_internal
            _commit_hash _name_or_path _num_labels architectures attn_implementation
            bad_words_ids begin_suppress_tokens bos_token_id chunk_size_feed_forward
            cls_token_id cross_attention_hidden_size custom_pipelines decoder_start_token_id
            diversity_penalty do_sample dtype early_stopping encoder_no_repeat_ngram_size
            eos_token_id exponential_decay_length_penalty finetuning_task forced_bos_token_id
            forced_eos_token_id gradient_checkpointing id2label initializer_factor
            initializer_range label2id language length_penalty license mask_token_id max_length
            max_new_tokens min_length no_repeat_ngram_size num_beam_groups num_beams num_labels
            num_return_sequences output_attentions output_hidden_states output_past
            output_scores pad_token_id prefix remove_invalid_values repetition_penalty
            return_dict return_dict_in_generate sep_token_id suppress_tokens
            task_specific_params temperature tf_legacy_loss tie_encoder_decoder tokenizer_class
            top_k top_p torch_dtype torchscript transformers_version typical_p unk_token_id
            use_bfloat16 use_cache
            """
                    .split("\\s+");

    private TransformersConfig() {}

    /**
     * {@return warnings of settings that nothing has read, after those without effect on the output
     * are ignored}
     *
     * @param settings the {@code config.json}
     */
    public static List<String> warnings(ConfigObject settings) {
        ignoreWithoutEffect(settings);
        // A setting that we do not know may change the network, so the user must see its name.
        List<String> unknown = settings.unread();
        return unknown.isEmpty()
                ? List.of()
                : List.of(
                        "%s: unknown settings are ignored: %s; check that they do not change the network"
                                .formatted(settings.source(), String.join(", ", unknown)));
    }

    /**
     * Ignores settings without effect on the output, which nested settings have too.
     *
     * @param settings the {@code config.json}, or an object in it
     */
    public static void ignoreWithoutEffect(ConfigObject settings) {
        settings.ignore(WITHOUT_EFFECT);
    }

    /**
     * {@return an activation by its name in transformers}
     *
     * @param settings the {@code config.json}
     * @param key the key of the name
     * @param absent the name if the file has none
     */
    public static ActivationSpec activation(ConfigObject settings, String key, String absent) {
        return activationOf(settings, key, settings.text(key, absent));
    }

    /**
     * {@return the activation of a name that is part of the value of a key}
     *
     * @param settings the {@code config.json}
     * @param name the name in transformers
     */
    public static ActivationSpec activationOf(ConfigObject settings, String key, String name) {
        return switch (name) {
            case "gelu", "gelu_python" -> new ActivationSpec.Gelu();
            case "gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu_accurate" ->
                    new ActivationSpec.GeluTanh();
            case "leaky_relu" -> new ActivationSpec.LeakyRelu(0.01);
            case "linear" -> ActivationSpec.NONE;
            case "mish" -> new ActivationSpec.Mish();
            case "quick_gelu" -> new ActivationSpec.QuickGelu();
            case "relu" -> ActivationSpec.RELU;
            case "relu2" -> new ActivationSpec.ReluSquared();
            case "relu6" -> new ActivationSpec.Relu6();
            case "selu" -> new ActivationSpec.Selu();
            case "sigmoid" -> new ActivationSpec.Sigmoid();
            case "silu", "swish" -> new ActivationSpec.Silu();
            case "tanh" -> new ActivationSpec.Tanh();
            default ->
                    throw settings.refusal(
                            key,
                            "must be gelu, gelu_new, leaky_relu, linear, mish, quick_gelu, relu,"
                                    + " relu2, relu6, selu, sigmoid, silu or tanh");
        };
    }

    /**
     * {@return the class of the model in transformers, whose heads we support}
     *
     * @param settings the {@code config.json}
     * @param absent the class if the file has none
     * @param supported the classes
     */
    public static String architecture(ConfigObject settings, String absent, String... supported) {
        List<String> all = settings.texts("architectures");
        String found = all.isEmpty() ? absent : all.get(0);
        settings.require(
                List.of(supported).contains(found),
                "architectures",
                "must be " + String.join(" or ", supported));
        return found;
    }

    /**
     * {@return the classes of a class of transformers; none if it is no classifier}
     *
     * @param settings the {@code config.json}
     * @param type the class
     */
    public static ClassLabels labels(ConfigObject settings, String type) {
        if (type.endsWith("ForMultipleChoice")) {
            // The scores of the choices are compared with each other.
            return new ClassLabels(1, List.of(), ClassActivation.IDENTITY);
        }
        if (!type.contains("Classification")) {
            return ClassLabels.NONE;
        }
        List<String> names =
                settings.object("id2label").map(TransformersConfig::names).orElse(List.of());
        int count = settings.integer("num_labels", names.isEmpty() ? 2 : names.size());
        settings.must(
                "num_labels",
                names.isEmpty() || count == names.size(),
                "the size of id2label, " + names.size());
        return new ClassLabels(count, names, activation(settings, count));
    }

    /**
     * Chooses as the pipelines of transformers and the {@code CrossEncoder} of
     * sentence-transformers do.
     */
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

    /**
     * {@return the {@code preprocessor_config.json} beside a configuration; null if there is none}
     *
     * @param config the {@code config.json}
     * @throws SpecException if it is no JSON
     */
    public static @Nullable ConfigObject preprocessor(Path config) {
        Path file = config.resolveSibling(PREPROCESSOR);
        if (!Files.isRegularFile(file)) {
            return null;
        }
        try {
            return JsonReader.read(file) instanceof Json.Obj object
                    ? new ConfigObject(object, JsonPath.root(file.toString()))
                    : null;
        } catch (JsonException e) {
            throw new SpecException(e);
        }
    }

    /**
     * {@return the size, normalization and resizing of images}
     *
     * @param settings the {@code config.json}
     * @param preprocessor the {@code preprocessor_config.json}; null for none
     */
    public static InputSpec.Image image(
            ConfigObject settings, @Nullable ConfigObject preprocessor) {
        int channels = settings.integer("num_channels", 3);
        Size2d size = settings.size("image_size", 224);
        // Without a preprocessor one half, as transformers.
        List<Double> mean = Collections.nCopies(channels, 0.5);
        List<Double> std = mean;
        if (preprocessor != null) {
            preprocessor.must(
                    "rescale_factor",
                    Math.abs(preprocessor.number("rescale_factor", RESCALE) - RESCALE) < 1e-9
                            && preprocessor.flag("do_rescale", true),
                    "1 / 255, and do_rescale true");
            preprocessor.mustBeFalse("rescale_offset");
            boolean normalizes = preprocessor.flag("do_normalize", true);
            // The processor of EfficientNet divides by image_std once more.
            int divisions =
                    (normalizes ? 1 : 0) + (preprocessor.flag("include_top", false) ? 1 : 0);
            std =
                    perChannel(preprocessor, "image_std", std).stream()
                            .map(s -> Math.pow(s, divisions))
                            .toList();
            mean =
                    normalizes
                            ? perChannel(preprocessor, "image_mean", mean)
                            : Collections.nCopies(channels, 0.0);
        }
        return new InputSpec.Image(
                List.of(channels, size.height(), size.width()),
                mean,
                std,
                preprocessor == null ? null : ProcessorResize.of(preprocessor, size.height()));
    }

    private static List<Double> perChannel(
            ConfigObject preprocessor, String key, List<Double> absent) {
        List<Double> given = preprocessor.numbers(key, absent);
        preprocessor.must(key, given.size() == absent.size(), "a list with a number per channel");
        return given;
    }
}
