package io.residuum.transformer.family;

import io.residuum.model.ConfigObject;
import io.residuum.model.ModelDescription;
import io.residuum.model.huggingface.ClassLabels;
import io.residuum.model.huggingface.TransformersConfig;
import io.residuum.residual.ScaleSpec;
import io.residuum.residual.StochasticDepth;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Size2d;
import io.residuum.transformer.family.VisionTransformer.Pool;
import io.residuum.transformer.window.Swin;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the settings of image models of transformers: ViT, DeiT, DINOv2, the image towers of CLIP
 * and SigLIP, Swin.
 */
final class HuggingFaceImageModels {
    private static final List<Double> DEPTHS = List.of(2.0, 2.0, 6.0, 2.0);
    private static final List<Double> HEADS = List.of(3.0, 6.0, 12.0, 24.0);

    private HuggingFaceImageModels() {}

    static ModelDescription vit(
            ConfigObject settings, @Nullable ConfigObject preprocessor, String name) {
        String type =
                HuggingFaceConfig.architecture(
                        settings,
                        "ViTForImageClassification",
                        "ViTForImageClassification",
                        "ViTModel");
        return read(
                settings,
                preprocessor,
                name,
                type,
                type.endsWith("Model")
                        ? VisionTransformer.Pool.NONE
                        : VisionTransformer.Pool.CLASS);
    }

    /** Reads the distilled DeiT. Files of a plain one say that they are of a ViT. */
    static ModelDescription deit(
            ConfigObject settings, @Nullable ConfigObject preprocessor, String name) {
        String teacher = "DeiTForImageClassificationWithTeacher";
        String type = HuggingFaceConfig.architecture(settings, teacher, teacher, "DeiTModel");
        return read(settings, preprocessor, name, type, VisionTransformer.Pool.DISTILLED);
    }

    private static ModelDescription read(
            ConfigObject settings,
            @Nullable ConfigObject preprocessor,
            String name,
            String type,
            VisionTransformer.Pool pool) {
        settings.must("qkv_bias", settings.flag("qkv_bias", true), "true");
        // The pooler is a head of the model without classes that the encoder's tokens do not depend
        // on.
        settings.ignore("encoder_stride", "pooler_act", "pooler_output_size");
        int width = settings.integer("hidden_size", 768);
        ClassLabels classes = TransformersConfig.labels(settings, type);
        VisionTransformer network =
                VisionTransformer.of(
                                1,
                                width,
                                settings.integer("num_hidden_layers", 12),
                                settings.integer("num_attention_heads", 12))
                        .with()
                        .patch(settings.size("patch_size", 16))
                        .mlpRatio(settings.integer("intermediate_size", 4 * width) / (double) width)
                        .activation(HuggingFaceConfig.activation(settings, "hidden_act", "gelu"))
                        .norm(HuggingFaceConfig.layerNorm(settings, "layer_norm_eps", 1e-12))
                        .dropout(settings.number("hidden_dropout_prob", 0))
                        .attentionDropout(settings.number("attention_probs_dropout_prob", 0))
                        .pool(pool)
                        .classes(classes.count())
                        .build();
        return describe(settings, preprocessor, name, network, classes);
    }

    /** {@return the model of a network, with the size and normalization of its images} */
    static ModelDescription describe(
            ConfigObject settings,
            @Nullable ConfigObject preprocessor,
            String name,
            LayerSpec network,
            ClassLabels classes) {
        InputSpec input = TransformersConfig.image(settings, preprocessor);
        return classes.describe(new ModelSpec(name, input, network));
    }

    /** Reads DINOv2, with registers or not. Without a head the output is all tokens. */
    static ModelDescription dinov2(
            ConfigObject settings,
            @Nullable ConfigObject preprocessor,
            String name,
            boolean registers) {
        String prefix = registers ? "Dinov2WithRegisters" : "Dinov2";
        ClassLabels classes =
                classes(settings, prefix + "ForImageClassification", prefix + "Model");
        settings.must("qkv_bias", settings.flag("qkv_bias", true), "true");
        settings.ignore("use_mask_token", "apply_layernorm", "reshape_hidden_states");
        ignoreBackbone(settings);
        int width = settings.integer("hidden_size", 768);
        int ratio = settings.integer("mlp_ratio", 4);
        boolean gated = settings.flag("use_swiglu_ffn", false);
        // Two thirds of the plain network, as it has three maps, and a multiple of 8.
        int inner = gated ? (width * ratio * 2 / 3 + 7) / 8 * 8 : width * ratio;
        VisionTransformer network =
                vit(settings, width, inner)
                        .with()
                        .patch(settings.size("patch_size", registers ? 16 : 14))
                        .activation(
                                gated
                                        ? new ActivationSpec.Silu()
                                        : HuggingFaceConfig.activation(
                                                settings, "hidden_act", "gelu"))
                        .norm(HuggingFaceConfig.layerNorm(settings, "layer_norm_eps", 1e-6))
                        .gated(gated)
                        .scale(new ScaleSpec.Learned(settings.number("layerscale_value", 1), true))
                        .stochasticDepth(StochasticDepth.of(settings.number("drop_path_rate", 0)))
                        .dropout(settings.number("hidden_dropout_prob", 0))
                        .attentionDropout(settings.number("attention_probs_dropout_prob", 0))
                        .registers(registers ? settings.integer("num_register_tokens", 4, 0) : 0)
                        .pool(classes.count() > 0 ? Pool.CLASS_AND_MEAN : Pool.NONE)
                        .classes(classes.count())
                        .build();
        if (gated) {
            settings.ignore("hidden_act");
        }
        return describe(settings, preprocessor, name, network, classes);
    }

    /** Reads the image tower of CLIP. The output is the projected or the pooled class token. */
    static ModelDescription clip(
            ConfigObject settings, @Nullable ConfigObject preprocessor, String name) {
        String type =
                HuggingFaceConfig.architecture(
                        settings,
                        "CLIPVisionModel",
                        "CLIPVisionModel",
                        "CLIPVisionModelWithProjection");
        int projection = settings.integer("projection_dim", 512);
        VisionTransformer network =
                clipTower(settings, type.endsWith("WithProjection") ? projection : 0);
        ClassLabels none = ClassLabels.NONE;
        return describe(settings, preprocessor, name, network, none);
    }

    /** {@return the image tower of CLIP with a projection; 0 for none} */
    static VisionTransformer clipTower(ConfigObject settings, int projection) {
        int width = settings.integer("hidden_size", 768);
        return vit(settings, width, settings.integer("intermediate_size", 3072))
                .with()
                .patch(settings.size("patch_size", 32))
                .activation(HuggingFaceConfig.activation(settings, "hidden_act", "quick_gelu"))
                .norm(HuggingFaceConfig.layerNorm(settings, "layer_norm_eps", 1e-5))
                .attentionDropout(settings.number("attention_dropout", 0))
                .inputNorm(true)
                .headBias(false)
                .classes(projection)
                .build();
    }

    /** Reads the image tower of SigLIP. The output is pooled by attention. */
    static ModelDescription siglip(
            ConfigObject settings, @Nullable ConfigObject preprocessor, String name) {
        HuggingFaceConfig.architecture(settings, "SiglipVisionModel", "SiglipVisionModel");
        ClassLabels none = ClassLabels.NONE;
        return describe(settings, preprocessor, name, siglipTower(settings), none);
    }

    /** {@return the image tower of SigLIP} */
    static VisionTransformer siglipTower(ConfigObject settings) {
        settings.must("vision_use_head", settings.flag("vision_use_head", true), "true");
        return vit(
                        settings,
                        settings.integer("hidden_size", 768),
                        settings.integer("intermediate_size", 3072))
                .with()
                .patch(settings.size("patch_size", 16))
                .activation(
                        HuggingFaceConfig.activation(settings, "hidden_act", "gelu_pytorch_tanh"))
                .norm(HuggingFaceConfig.layerNorm(settings, "layer_norm_eps", 1e-6))
                .attentionDropout(settings.number("attention_dropout", 0))
                .pool(Pool.ATTENTION)
                .classes(0)
                .build();
    }

    private static VisionTransformer vit(ConfigObject settings, int width, int inner) {
        return VisionTransformer.of(
                        1,
                        width,
                        settings.integer("num_hidden_layers", 12),
                        settings.integer("num_attention_heads", 12))
                .withMlpRatio(inner / (double) width);
    }

    /** Reads Swin and Swin V2. Without a head the output is pooled. */
    static ModelDescription swin(
            ConfigObject settings,
            @Nullable ConfigObject preprocessor,
            String name,
            Swin.Version version) {
        String prefix = version == Swin.Version.V1 ? "Swin" : "Swinv2";
        ClassLabels classes =
                classes(settings, prefix + "ForImageClassification", prefix + "Model");
        settings.mustBeFalse("use_absolute_embeddings");
        settings.ignore("encoder_stride", "path_norm", "hidden_size", "num_layers");
        ignoreBackbone(settings);
        List<Double> depths = settings.numbers("depths", DEPTHS);
        List<Double> trained = settings.numbers("pretrained_window_sizes", List.of());
        Swin network =
                Swin.of(version, settings.integer("embed_dim", 96), integers(depths), 1)
                        .with()
                        .patch(settings.size("patch_size", 4))
                        .heads(integers(settings.numbers("num_heads", HEADS)))
                        .window(Size2d.of(settings.integer("window_size", 7)))
                        .trained(version == Swin.Version.V1 ? List.of() : integers(trained))
                        .mlpRatio(settings.number("mlp_ratio", 4))
                        .bias(settings.flag("qkv_bias", true))
                        .activation(HuggingFaceConfig.activation(settings, "hidden_act", "gelu"))
                        .norm(HuggingFaceConfig.layerNorm(settings, "layer_norm_eps", 1e-5))
                        .stochasticDepth(StochasticDepth.of(settings.number("drop_path_rate", 0.1)))
                        .dropout(settings.number("hidden_dropout_prob", 0))
                        .attentionDropout(settings.number("attention_probs_dropout_prob", 0))
                        .classes(classes.count())
                        .build();
        return describe(settings, preprocessor, name, network, classes);
    }

    private static ClassLabels classes(ConfigObject settings, String... supported) {
        return TransformersConfig.labels(
                settings, HuggingFaceConfig.architecture(settings, supported[0], supported));
    }

    /** A backbone returns intermediate features, which no output here depends on. */
    private static void ignoreBackbone(ConfigObject settings) {
        settings.ignore(
                "_out_features", "_out_indices", "out_features", "out_indices", "stage_names");
    }

    private static List<Integer> integers(List<Double> numbers) {
        return numbers.stream().map(Double::intValue).toList();
    }
}
