package io.residuum.transformer.vit;

import io.residuum.json.Json;
import io.residuum.json.JsonPath;
import io.residuum.json.JsonReader;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.json.SpecJson;
import io.residuum.transformer.family.VisionTransformer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
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

    /** The size of the network, the patch, and the image at the end or after an at sign. */
    private static final Pattern NAME =
            Pattern.compile(
                    "(.*?-([a-z0-9]+(?:-plus)?)-patch(\\d+)(?:-.*?)??(?:-(\\d{3}))?)(?:@(\\d{3}))?");

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
        Json table = JsonReader.parse(text(), TABLE);
        SpecJson json = SpecJson.standard();
        List<Preset> all = new ArrayList<>();
        for (Json row : table.get("rows").items()) {
            Json images = table.get("images").get(row.get("images").string(""));
            for (Json names : row.get("names").items()) {
                for (String name : names.string("").split(" ")) {
                    all.add(preset(json, table, row, images, name));
                }
            }
        }
        return List.copyOf(all);
    }

    private static Preset preset(SpecJson json, Json table, Json row, Json images, String name) {
        Matcher found = NAME.matcher(name);
        if (!found.matches()) {
            throw new IllegalStateException(TABLE + " has no sizes for " + name);
        }
        List<Json> sizes = table.get("sizes").get(found.group(2)).items();
        int width = sizes.get(0).integer(0);
        Map<String, Json> settings = new LinkedHashMap<>();
        settings.put("patch", Json.of(Integer.parseInt(found.group(3))));
        settings.put("width", sizes.get(0));
        settings.put("depth", sizes.get(1));
        settings.put("heads", sizes.get(2));
        settings.put("mlpRatio", Json.of(sizes.get(3).integer(0) / (double) width));
        settings.put("classes", Json.of(1000));
        settings.putAll(row.get("settings").members());
        Json.Obj vit = new Json.Obj(row.line(), settings);
        VisionTransformer network = json.read(vit, JsonPath.root(TABLE), VisionTransformer.class);
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

    private static List<Double> numbers(Json list) {
        return list.items().stream().map(n -> Double.valueOf(n.compact())).toList();
    }

    private static String text() {
        try (InputStream in = VitPresets.class.getResourceAsStream(TABLE)) {
            return new String(
                    Objects.requireNonNull(in, TABLE).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
