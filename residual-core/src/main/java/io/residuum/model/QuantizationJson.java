package io.residuum.model;

import io.residuum.emit.Quantization;
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

/** Stores a {@link Quantization} in the metadata of a model file. */
final class QuantizationJson {
    private static final String LAYERS = "layers";
    private static final String WEIGHTS = "weights";

    private QuantizationJson() {}

    static String write(Quantization quantization) {
        Map<String, Object> layers = new LinkedHashMap<>();
        new TreeMap<>(quantization.layers())
                .forEach(
                        (path, layer) -> {
                            Map<String, Object> ranges = new LinkedHashMap<>();
                            ranges.put("input", numbers(layer.input()));
                            FakeQuantize output = layer.output();
                            if (output != null) {
                                ranges.put("output", numbers(output));
                            }
                            layers.put(path, ranges);
                        });
        Map<String, Object> weights = new LinkedHashMap<>();
        new TreeMap<>(quantization.weights())
                .forEach((path, f) -> weights.put(path, List.of(f.bits(), f.group())));
        return Json.object(LAYERS, layers, WEIGHTS, weights).compact();
    }

    private static List<Object> numbers(FakeQuantize range) {
        return List.of(range.scale(), range.zeroPoint());
    }

    static Quantization read(String text) {
        try {
            Json json = JsonReader.parse(text, QuantizedStateDict.KEY);
            Map<String, LayerQuantization> layers = new LinkedHashMap<>();
            json.get(LAYERS)
                    .members()
                    .forEach(
                            (path, ranges) ->
                                    layers.put(
                                            path,
                                            new LayerQuantization(
                                                    range(ranges.get("input")),
                                                    ranges.members().containsKey("output")
                                                            ? range(ranges.get("output"))
                                                            : null)));
            Map<String, QuantizedFormat> weights = new LinkedHashMap<>();
            json.get(WEIGHTS)
                    .members()
                    .forEach(
                            (path, format) ->
                                    weights.put(
                                            path,
                                            new QuantizedFormat(
                                                    (int) number(format, 0),
                                                    (int) number(format, 1))));
            return new Quantization(layers, weights);
        } catch (JsonException | IllegalArgumentException e) {
            throw invalid(String.valueOf(e.getMessage()), e);
        }
    }

    private static FakeQuantize range(Json pair) {
        return new FakeQuantize((float) number(pair, 0), (int) number(pair, 1));
    }

    private static double number(Json pair, int index) {
        if (pair.items().size() != 2) {
            throw invalid("must hold pairs of numbers, found " + pair.compact(), null);
        }
        return Double.parseDouble(pair.items().get(index).compact());
    }

    private static WeightsException invalid(String reason, @Nullable Throwable cause) {
        String message = "the metadata key \"" + QuantizedStateDict.KEY + "\": " + reason;
        return new WeightsException(message, cause);
    }
}
