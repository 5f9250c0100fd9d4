package io.residuum.spec.json;

import com.google.common.base.Splitter;
import io.residuum.files.JarText;
import io.residuum.json.Json;
import io.residuum.json.JsonPath;
import io.residuum.json.JsonReader;
import io.residuum.spec.ImageResize;
import io.residuum.spec.InputSpec;
import io.residuum.spec.Preset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A table of the inputs that the published weights of presets expect: image size, mean, standard
 * deviation and resizing. It is a resource in JSON with rows of settings and names of presets.
 */
public final class PresetInputs {
    private static final Splitter SPACES = Splitter.on(' ');

    /** The settings of a row; null keeps that of the preset. */
    private record Row(
            @Nullable Integer size,
            @Nullable List<Double> mean,
            @Nullable List<Double> std,
            @Nullable ImageResize resize,
            List<String> names) {

        InputSpec.Image applied(InputSpec.Image input) {
            int channels = input.shape().get(0);
            return new InputSpec.Image(
                    size == null ? input.shape() : List.of(channels, size, size),
                    mean == null ? input.mean() : mean,
                    std == null ? input.std() : std,
                    resize == null ? input.resize() : resize);
        }
    }

    private final Map<String, Row> rows = new HashMap<>();

    private PresetInputs(Json table, String name) {
        SpecJson json = new SpecJson(List.of());
        for (Json item : table.get("rows").items()) {
            Row row = json.read(item, JsonPath.root(name), Row.class);
            for (String names : row.names()) {
                for (String preset : SPACES.split(names)) {
                    if (rows.put(preset, row) != null) {
                        throw new IllegalStateException(name + " has two rows for " + preset);
                    }
                }
            }
        }
    }

    /**
     * Reads a table.
     *
     * @param beside the class whose package has the resource
     * @param resource the name of the resource
     * @throws io.residuum.spec.SpecException if a row is invalid
     */
    public static PresetInputs read(Class<?> beside, String resource) {
        String text = JarText.read(beside, resource);
        return new PresetInputs(JsonReader.parse(text, resource), resource);
    }

    /**
     * {@return the presets, those in the table with the input of their row}
     *
     * @param presets presets, some of which may be in the table
     */
    public List<Preset> applyTo(List<Preset> presets) {
        return presets.stream().map(this::applied).toList();
    }

    private Preset applied(Preset preset) {
        Row row = rows.get(preset.name());
        if (row == null || !(preset.spec().input() instanceof InputSpec.Image image)) {
            return preset;
        }
        return new Preset(
                preset.name(),
                preset.family(),
                preset.spec().withInput(row.applied(image)),
                preset.citation());
    }
}
