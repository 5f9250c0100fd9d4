package io.residuum.emit;

import io.residuum.graph.rewrite.LayerQuantization;
import io.residuum.graph.rewrite.Pass;
import io.residuum.graph.rewrite.QuantizableLayer;
import io.residuum.graph.rewrite.QuantizeActivations;
import io.residuum.graph.rewrite.QuantizeDynamically;
import io.residuum.weights.quantized.QuantizedFormat;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The quantized layers of a network, whose parameters hold the rounded weights as floats.
 *
 * @param format the format of their weights
 * @param layers the layers by the path of their weight
 * @param dynamic true if the inputs of these layers, which are linear, have 8 bits by their range
 *     in each run
 */
public record Quantization(
        QuantizedFormat format, Map<String, LayerQuantization> layers, boolean dynamic) {
    /** A network in float. */
    public static final Quantization NONE =
            new Quantization(QuantizedFormat.PER_OUTPUT, Map.of(), false);

    /** Copies the map. */
    public Quantization {
        layers = Map.copyOf(layers);
    }

    /**
     * {@return the quantization of weights alone, which keeps the format that most of them have}
     *
     * @param formats the formats of weights by path
     */
    public static Quantization ofWeights(Map<String, QuantizedFormat> formats) {
        Map<QuantizedFormat, Map<String, LayerQuantization>> layers = new LinkedHashMap<>();
        formats.forEach(
                (path, format) ->
                        layers.computeIfAbsent(format, f -> new TreeMap<>())
                                .put(path, LayerQuantization.WEIGHT));
        return layers.entrySet().stream()
                .max(Comparator.comparing(some -> some.getValue().size()))
                .map(most -> new Quantization(most.getKey(), most.getValue(), false))
                .orElse(NONE);
    }

    /** {@return the passes that make a captured graph compute with 8 bits} */
    public List<Pass> passes() {
        if (dynamic) {
            return List.of(new QuantizeDynamically(layers.keySet()));
        }
        return quantizesActivations()
                ? List.of(QuantizableLayer::prepared, new QuantizeActivations(layers))
                : List.of();
    }

    /** {@return the formats of weights by path, for runtimes that compute with integers} */
    public Map<String, QuantizedFormat> formats() {
        Map<String, QuantizedFormat> formats = new TreeMap<>();
        layers.keySet().forEach(path -> formats.put(path, format));
        return formats;
    }

    /** {@return true if some layers compute with 8 bits} */
    public boolean quantizesActivations() {
        return dynamic || layers.values().stream().anyMatch(layer -> layer.input() != null);
    }

    /** {@return a copy with activations in float} */
    public Quantization weightsOnly() {
        Map<String, LayerQuantization> changed = new TreeMap<>(layers);
        changed.replaceAll((path, layer) -> LayerQuantization.WEIGHT);
        return new Quantization(format, changed, false);
    }

    /** {@return the text that a model file stores} */
    public String toJson() {
        return QuantizationJson.write(this);
    }

    /**
     * {@return the quantization of a stored text}
     *
     * @param json as {@link #toJson} returns it
     * @throws io.residuum.weights.WeightsException if it cannot be read
     */
    public static Quantization parse(String json) {
        return QuantizationJson.read(json);
    }
}
