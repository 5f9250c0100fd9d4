package io.residuum.emit;

import io.residuum.graph.rewrite.FoldBatchNorm;
import io.residuum.graph.rewrite.LayerQuantization;
import io.residuum.graph.rewrite.Pass;
import io.residuum.graph.rewrite.QuantizeActivations;
import io.residuum.weights.quantized.QuantizedFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The parts of a network that have few bits. The network itself holds weights of these formats as
 * floats.
 *
 * @param layers the layers that compute with 8 bits, by the path of their weight
 * @param weights the formats in which weights are stored, by path
 */
public record Quantization(
        Map<String, LayerQuantization> layers, Map<String, QuantizedFormat> weights) {
    /** A network in float. */
    public static final Quantization NONE = new Quantization(Map.of(), Map.of());

    /** Copies the maps. */
    public Quantization {
        layers = Map.copyOf(layers);
        weights = Map.copyOf(weights);
    }

    /** {@return the passes that make a captured graph compute with 8 bits} */
    public List<Pass> passes() {
        return layers.isEmpty()
                ? List.of()
                : List.of(new FoldBatchNorm(), new QuantizeActivations(layers));
    }

    /** {@return the paths of weights that onnxruntime holds as int8 with a scale per output} */
    public Set<String> integers() {
        return weights.entrySet().stream()
                .filter(e -> e.getValue().equals(QuantizedFormat.PER_OUTPUT))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** {@return true if some layers compute with 8 bits} */
    public boolean quantizesActivations() {
        return !layers.isEmpty();
    }
}
