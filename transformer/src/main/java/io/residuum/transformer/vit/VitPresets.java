package io.residuum.transformer.vit;

import com.google.common.base.Splitter;
import io.residuum.files.JarText;
import io.residuum.json.Json;
import io.residuum.json.JsonPath;
import io.residuum.json.JsonReader;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.json.PresetInputs;
import io.residuum.spec.json.SpecJson;
import io.residuum.spec.layers.Size2d;
import io.residuum.transformer.family.VisionTransformer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lists the vision transformers of timm as presets, under their names there. A table in JSON holds
 * the settings that models of several sizes share.
 */
public final class VitPresets implements PresetProvider {
    private static final String TABLE = "vit-presets.json";

    /**
     * The size of the network and the patch, which rows of other names have as settings, and the
     * image at the end or after an at sign.
     */
    private static final Pattern NAME =
            Pattern.compile(
                    "(.*?(?:-([a-z0-9]+(?:-plus)?)(?:-distilled)?-patch(\\d+)(?:-.*?)??)?"
                            + "(?:-(\\d{3}))?)(?:@(\\d{3}))?");

    private static final Splitter SPACES = Splitter.on(' ');

    /** Reads the table once. */
    private static final class Loaded {
        private static final List<Preset> ALL = read();

        private Loaded() {}
    }

    @Override
    public List<Preset> presets() {
        return Loaded.ALL;
    }

    private static List<Preset> read() {
        Json table = JsonReader.parse(JarText.read(VitPresets.class, TABLE), TABLE);
        SpecJson json = SpecJson.standard();
        List<Preset> all = new ArrayList<>();
        for (Json row : table.get("rows").items()) {
            Json images = table.get("images").get(row.get("images").string(""));
            List<String> names = new ArrayList<>();
            row.get("names").items().forEach(n -> names.addAll(SPACES.splitToList(n.string(""))));
            // Once for all sizes, because binding takes longer than copies.
            VisionTransformer shared = shared(json, row);
            names.forEach(name -> all.add(preset(shared, table, row, images, name)));
        }
        return PresetInputs.read(VitPresets.class, "inputs.json").applyTo(all);
    }

    /** {@return the settings of a row, of any size} */
    private static VisionTransformer shared(SpecJson json, Json row) {
        Map<String, Json> settings = new LinkedHashMap<>();
        List.of("patch", "width", "depth", "heads").forEach(k -> settings.put(k, Json.of(1)));
        settings.put("classes", Json.of(1000));
        settings.putAll(row.get("settings").members());
        Json.Obj vit = new Json.Obj(row.line(), settings);
        return json.read(vit, JsonPath.root(TABLE), VisionTransformer.class);
    }

    private static Preset preset(
            VisionTransformer shared, Json table, Json row, Json images, String name) {
        Matcher found = NAME.matcher(name);
        if (!found.matches()) {
            throw new IllegalStateException(TABLE + " has no sizes for " + name);
        }
        VisionTransformer network =
                found.group(2) == null
                        ? shared
                        : sized(
                                shared,
                                row.get("settings").members(),
                                table.get("sizes").get(found.group(2)).items(),
                                Size2d.of(Integer.parseInt(found.group(3))));
        String size = Objects.requireNonNullElse(found.group(4), found.group(5));
        int image = Integer.parseInt(size);
        InputSpec input =
                new InputSpec.Image(
                        List.of(3, image, image),
                        numbers(images.get("mean")),
                        numbers(images.get("std")));
        String preset = found.group(1);
        ModelSpec model = new ModelSpec(preset, input, network);
        return new Preset(preset, "vit", model, row.get("citation").string(""));
    }

    /** Returns a network with the sizes of its name, except those that are settings of the row. */
    private static VisionTransformer sized(
            VisionTransformer shared, Map<String, Json> own, List<Json> sizes, Size2d patch) {
        int width = sizes.get(0).integer(0);
        double ratio = sizes.get(3).integer(0) / (double) width;
        return shared.with()
                .patch(patch)
                .width(own.containsKey("width") ? shared.width() : width)
                .depth(own.containsKey("depth") ? shared.depth() : sizes.get(1).integer(0))
                .heads(own.containsKey("heads") ? shared.heads() : sizes.get(2).integer(0))
                .mlpRatio(own.containsKey("mlpRatio") ? shared.mlpRatio() : ratio)
                .build();
    }

    private static List<Double> numbers(Json list) {
        return list.items().stream().map(n -> Double.valueOf(n.compact())).toList();
    }
}
