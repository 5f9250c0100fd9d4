package io.residuum.vision.timm;

import io.residuum.json.Json;
import io.residuum.json.JsonPath;
import io.residuum.model.ConfigObject;
import io.residuum.model.ModelDescription;
import io.residuum.model.ModelMetadata;
import io.residuum.model.ModelReader;
import io.residuum.model.Presets;
import io.residuum.spec.ImageResize;
import io.residuum.spec.ImageResize.Filter;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.SpecException;
import io.residuum.vision.image.StandardInputs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Reads the {@code config.json} of timm: the architecture, which names a preset, the number of
 * classes and their names, and size, resizing, mean and standard deviation of the images.
 */
public final class TimmReader implements ModelReader {
    /** The ratio of the crop to the resized image in timm, if there is none in the file. */
    private static final double CROP = 0.875;

    private static final List<Filter> FILTERS = List.of(Filter.values());

    private static final InputSpec.Image USUAL = (InputSpec.Image) StandardInputs.IMAGENET;

    /** Accepts objects with an {@code architecture} that are neither specs nor transformers'. */
    @Override
    public Optional<ModelDescription> read(Json.Obj json, Path file, String name) {
        ConfigObject settings = new ConfigObject(json, JsonPath.root(file.toString()));
        if (!settings.has("architecture") || settings.has("format") || settings.has("model_type")) {
            return Optional.empty();
        }
        try {
            return Optional.of(read(settings, name));
        } catch (SpecException | IllegalArgumentException e) {
            throw settings.located(e);
        }
    }

    private static ModelDescription read(ConfigObject settings, String name) {
        // Files of before 2023 have the settings of the weights beside the architecture.
        ConfigObject weights = settings.object("pretrained_cfg").orElse(settings);
        Preset preset = preset(settings);
        settings.requireEmpty("model_args", "arguments that change the architecture are not read");
        String pool = TimmNames.pool(preset);
        settings.must(
                "global_pool", settings.text("global_pool", pool).equals(pool), "\"" + pool + "\"");
        int classes = settings.integer("num_classes", weights.integer("num_classes", 1000));
        ModelSpec network = preset.spec().withClasses(classes);
        return new ModelDescription(
                new ModelSpec(name, input(weights), network.network()),
                ModelMetadata.EMPTY.withClassNames(classNames(settings, weights, classes)),
                warnings(settings, weights));
    }

    private static Preset preset(ConfigObject settings) {
        String architecture = settings.text("architecture", "");
        return Presets.find(architecture)
                .orElseThrow(
                        () ->
                                settings.refusal(
                                        "architecture",
                                        "must be an architecture that is a preset; residuum models"
                                                + " lists them"));
    }

    private static InputSpec input(ConfigObject weights) {
        List<Double> shape = weights.numbers("input_size", List.of(3.0, 224.0, 224.0));
        weights.must(
                "input_size",
                shape.size() == 3 && shape.stream().allMatch(s -> s == s.intValue() && s > 0),
                "[channels, height, width]");
        return new InputSpec.Image(
                shape.stream().map(Double::intValue).toList(),
                weights.numbers("mean", USUAL.mean()),
                weights.numbers("std", USUAL.std()),
                resize(weights));
    }

    private static ImageResize resize(ConfigObject weights) {
        String name = weights.text("interpolation", "bilinear");
        Optional<Filter> filter = FILTERS.stream().filter(f -> word(f).equals(name)).findFirst();
        weights.must(
                "interpolation",
                filter.isPresent(),
                "one of " + String.join(", ", FILTERS.stream().map(TimmReader::word).toList()));
        String mode = weights.text("crop_mode", "center");
        weights.must(
                "crop_mode",
                List.of("center", "squash", "border").contains(mode),
                "center, squash or border");
        // timm fills with whole numbers of 255.
        List<Double> mean =
                weights.numbers("mean", USUAL.mean()).stream()
                        .map(v -> Math.rint(255 * v) / 255)
                        .toList();
        return new ImageResize(
                weights.number("crop_pct", CROP),
                filter.orElseThrow(),
                mode.equals("squash"),
                mode.equals("border") ? mean : List.of());
    }

    private static String word(Filter filter) {
        return filter.name().toLowerCase(Locale.ROOT);
    }

    /** Prefers descriptions to names, which are synsets for ImageNet. */
    private static List<String> classNames(
            ConfigObject settings, ConfigObject weights, int classes) {
        ConfigObject given = settings.has("label_names") ? settings : weights;
        Optional<ConfigObject> byIndex =
                given.isObject("label_names") ? given.object("label_names") : Optional.empty();
        List<String> names =
                byIndex.isPresent()
                        ? IntStream.range(0, classes)
                                .mapToObj(i -> byIndex.get().text(String.valueOf(i), "class " + i))
                                .toList()
                        : given.texts("label_names");
        given.must(
                "label_names",
                names.isEmpty() || names.size() == classes,
                "a name for each of the " + classes + " classes");
        return given.object("label_descriptions")
                .map(says -> names.stream().map(name -> says.text(name, name)).toList())
                .orElse(names);
    }

    private static List<String> warnings(ConfigObject settings, ConfigObject weights) {
        List<String> warnings = new ArrayList<>();
        settings.ignore("num_features", "pretrained_cfg", "labels");
        List<String> unknown = settings == weights ? List.of() : settings.unread();
        if (!unknown.isEmpty()) {
            warnings.add(settings.source() + ": unknown settings were ignored: " + unknown);
        }
        return warnings;
    }
}
