package io.residuum.vision.huggingface;

import io.residuum.json.Json;
import io.residuum.json.JsonPath;
import io.residuum.model.ConfigObject;
import io.residuum.model.ModelDescription;
import io.residuum.model.ModelReader;
import io.residuum.model.huggingface.ClassLabels;
import io.residuum.model.huggingface.TransformersConfig;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@code config.json} of image classifiers of transformers whose {@code model_type} is
 * {@code convnext}, {@code convnextv2}, {@code efficientnet}, {@code mobilenet_v2}, {@code regnet}
 * or {@code resnet}. The normalization of images comes from the {@code preprocessor_config.json}
 * beside it. Settings that our networks do not support are refused by name.
 */
public final class ConvolutionalReader implements ModelReader {

    /** Builds a network from its settings. */
    private interface Builder {
        LayerSpec network(ConfigObject settings, InputSpec.Image input, int classes);
    }

    /** A type of models: the beginning of the names of its classes, and its networks. */
    private record Type(String prefix, Builder builder) {}

    private static final Map<String, Type> TYPES =
            Map.of(
                    "resnet",
                    new Type("ResNet", (s, i, n) -> StagedConfigs.resnet(s, n)),
                    "regnet",
                    new Type("RegNet", (s, i, n) -> StagedConfigs.regnet(s, n)),
                    "convnext",
                    new Type("ConvNext", (s, i, n) -> StagedConfigs.convnext(s, n, false)),
                    "convnextv2",
                    new Type("ConvNextV2", (s, i, n) -> StagedConfigs.convnext(s, n, true)),
                    "mobilenet_v2",
                    new Type("MobileNetV2", (s, i, n) -> InvertedConfigs.mobilenet(s, n)),
                    "efficientnet",
                    new Type("EfficientNet", InvertedConfigs::efficientnet));

    @Override
    public Set<String> modelTypes() {
        return TYPES.keySet();
    }

    /** Accepts objects with a {@code model_type} of this class, but without a {@code format}. */
    @Override
    public Optional<ModelDescription> read(Json.Obj json, Path file, String name) {
        boolean foreign =
                json.get("model_type") instanceof Json.Str
                        && json.get("format") instanceof Json.Null;
        ConfigObject settings = new ConfigObject(json, JsonPath.root(file.toString()));
        Type type = foreign ? TYPES.get(settings.text("model_type", "")) : null;
        if (type == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(read(type, settings, TransformersConfig.preprocessor(file), name));
        } catch (SpecException | IllegalArgumentException e) {
            throw settings.located(e);
        }
    }

    private static ModelDescription read(
            Type type, ConfigObject settings, @Nullable ConfigObject preprocessor, String name) {
        settings.requireEmpty("quantization_config", "weights must not be quantized");
        String classifier = type.prefix() + "ForImageClassification";
        ClassLabels classes =
                TransformersConfig.labels(
                        settings,
                        TransformersConfig.architecture(settings, classifier, classifier));
        InputSpec.Image input = TransformersConfig.image(settings, preprocessor);
        LayerSpec network = type.builder().network(settings, input, classes.count());
        // A backbone returns intermediate features, which no output here depends on.
        settings.ignore(
                "_out_features",
                "_out_indices",
                "is_encoder_decoder",
                "out_features",
                "out_indices",
                "stage_names");
        return classes.describe(new ModelSpec(name, input, network))
                .withWarnings(TransformersConfig.warnings(settings));
    }
}
