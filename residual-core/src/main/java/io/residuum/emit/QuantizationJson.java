package io.residuum.emit;

import io.residuum.graph.FakeQuantize;
import io.residuum.graph.rewrite.LayerQuantization;
import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonReader;
import io.residuum.weights.QuantizedStateDict;
import io.residuum.weights.WeightsException;
import io.residuum.weights.quantized.QuantizedFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes a {@link Quantization} as JSON: the scale and the zero point of each activation. */
final class QuantizationJson {
    private static final String INPUT = "input";
    private static final String OUTPUT = "output";
    private static final String DYNAMIC = "dynamic";

    private QuantizationJson() {}

    static String write(Quantization quantization) {
        Map<String, Object> layers = new LinkedHashMap<>();
        new TreeMap<>(quantization.layers())
                .forEach(
                        (path, layer) -> {
                            Map<String, Object> ranges = new LinkedHashMap<>();
                            put(ranges, INPUT, layer.input());
                            put(ranges, OUTPUT, layer.output());
                            layers.put(path, ranges);
                        });
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("bits", quantization.format().bits());
        all.put("group", quantization.format().group());
        if (quantization.dynamic()) {
            all.put(DYNAMIC, true);
        }
        all.put("layers", layers);
        return Json.of(all).compact();
    }

    private static void put(Map<String, Object> ranges, String key, @Nullable FakeQuantize range) {
        if (range != null) {
            ranges.put(key, List.of(range.scale(), range.zeroPoint()));
        }
    }

    static Quantization read(String text) {
        try {
            Json json = JsonReader.parse(text, QuantizedStateDict.KEY);
            Map<String, LayerQuantization> layers = new LinkedHashMap<>();
            json.get("layers")
                    .members()
                    .forEach(
                            (path, ranges) ->
                                    layers.put(
                                            path,
                                            new LayerQuantization(
                                                    range(ranges.get(INPUT)),
                                                    range(ranges.get(OUTPUT)))));
            return new Quantization(
                    new QuantizedFormat(json.get("bits").integer(0), json.get("group").integer(-1)),
                    layers,
                    json.get(DYNAMIC).bool(false));
        } catch (JsonException | IllegalArgumentException e) {
            throw new WeightsException(
                    "the metadata key \"%s\": %s".formatted(QuantizedStateDict.KEY, e.getMessage()),
                    e);
        }
    }

    private static @Nullable FakeQuantize range(Json pair) {
        if (pair.kind() == Json.Kind.NULL) {
            return null;
        }
        if (!(pair.get(0) instanceof Json.Num scale)) {
            throw new IllegalArgumentException(
                    "a range must be [scale, zero point], found " + pair.compact());
        }
        return new FakeQuantize(Float.parseFloat(scale.text()), pair.get(1).integer(-1));
    }
}
