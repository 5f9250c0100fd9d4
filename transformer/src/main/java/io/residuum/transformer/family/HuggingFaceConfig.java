package io.residuum.transformer.family;

import io.residuum.model.ConfigObject;
import io.residuum.model.ModelDescription;
import io.residuum.model.huggingface.TransformersConfig;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.transformer.branch.ExpandedIntegral;
import io.residuum.transformer.seq2seq.Seq2Seq;
import io.residuum.transformer.window.Swin;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
        IMAGES.put("vit", HuggingFaceImageModels::vit);
        IMAGES.put("deit", HuggingFaceImageModels::deit);
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
        ENCODERS.put("modernbert", (s, p, n) -> HuggingFaceRotaryEncoder.modernBert(s, n));
        ENCODERS.put("eurobert", (s, p, n) -> HuggingFaceRotaryEncoder.euroBert(s, n));
        ENCODERS.put("nomic_bert", (s, p, n) -> HuggingFaceRotaryEncoder.nomic(s, n));
        ENCODERS.put("jina_embeddings_v3", (s, p, n) -> HuggingFaceRotaryEncoder.jina(s, n));
        ENCODERS.put("gte", (s, p, n) -> HuggingFaceRotaryEncoder.gte(s, n));
        ENCODERS.put("new", (s, p, n) -> HuggingFaceRotaryEncoder.gte(s, n));
        ENCODERS.put("deberta", (s, p, n) -> HuggingFaceDeberta.read(s, n, true));
        ENCODERS.put("deberta-v2", (s, p, n) -> HuggingFaceDeberta.read(s, n, false));
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
        return model.withWarnings(TransformersConfig.warnings(settings));
    }

    /** {@return true if a model that was read generates text} */
    static boolean generates(ConfigObject settings, ModelSpec spec) {
        String type = settings.text("model_type", "");
        return (spec.network() instanceof Seq2Seq both
                        && !(both.head() instanceof Seq2Seq.Classes
                                || both.head() instanceof Seq2Seq.Spans))
                || (DECODERS.containsKey(type) && TextOutput.of(spec) == TextOutput.OTHER);
    }

    /** {@return the warnings about the settings of a part of a model, after it was read} */
    static List<String> warningsOfPart(ConfigObject part) {
        part.ignore("model_type");
        return TransformersConfig.warnings(part);
    }

    private static String names(Map<String, Reader> types) {
        return String.join(", ", types.keySet());
    }

    static ActivationSpec activation(ConfigObject settings, String key, String absent) {
        return settings.text(key, absent).equals("xielu")
                ? new ExpandedIntegral()
                : TransformersConfig.activation(settings, key, absent);
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
        return TransformersConfig.architecture(settings, absent, supported);
    }
}
