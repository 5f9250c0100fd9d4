package io.residuum.transformer.family;

import io.residuum.model.ConfigObject;
import io.residuum.model.ModelDescription;
import io.residuum.model.huggingface.ClassLabels;
import io.residuum.model.huggingface.TransformersConfig;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import org.jspecify.annotations.Nullable;

/** Reads the settings of image models of transformers. */
final class HuggingFaceVision {
    private HuggingFaceVision() {}

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
}
