package io.residuum.graph.rewrite;

import io.residuum.graph.FakeQuantize;
import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rounds the inputs and outputs of layers to 8 bits. This changes what the graph computes. Sums,
 * pools and concatenations of rounded values read them too, so that a runtime computes these
 * operations with 8 bits; all others read the values before rounding.
 *
 * @param layers the quantized layers, by the path of their weight; unknown ones are ignored
 */
public record QuantizeActivations(Map<String, LayerQuantization> layers) implements Pass {

    /** Copies the map. */
    public QuantizeActivations {
        layers = Map.copyOf(layers);
    }

    @Override
    public Graph apply(Graph graph) {
        Map<Node, FakeQuantize> rounded = new IdentityHashMap<>();
        Set<Node> outputs = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<Node> quantized = Collections.newSetFromMap(new IdentityHashMap<>());
        for (QuantizableLayer layer : QuantizableLayer.of(graph)) {
            LayerQuantization settings = layers.get(layer.path());
            if (settings == null || settings.input() == null) {
                continue;
            }
            quantized.add(layer.node());
            rounded.putIfAbsent(layer.input(), settings.input());
            if (layer.output() != null && settings.output() != null) {
                rounded.putIfAbsent(layer.output(), settings.output());
                outputs.add(layer.output());
            }
        }
        Map<Node, Node> after = new IdentityHashMap<>();
        return graph.map(
                (node, now) -> {
                    boolean sums = computesIn8Bits(node, rounded);
                    List<Node> inputs = new ArrayList<>();
                    for (int i = 0; i < node.inputs().size(); i++) {
                        Node in = node.input(i);
                        boolean reads =
                                sums || outputs.contains(in) || i == 0 && quantized.contains(node);
                        inputs.add(reads ? after.getOrDefault(in, now.input(i)) : now.input(i));
                    }
                    Node changed = now.with(inputs);
                    FakeQuantize rounding = rounded.get(node);
                    if (rounding != null) {
                        after.put(node, changed.then(rounding));
                    }
                    return changed;
                });
    }

    private static boolean computesIn8Bits(Node node, Map<Node, FakeQuantize> rounded) {
        Operation operation = node.operation();
        boolean can =
                Patterns.isBinary(node, Operation.Arithmetic.ADD)
                        || operation instanceof Operation.Concat
                        || operation instanceof Operation.Pool;
        return can && node.inputs().stream().allMatch(rounded::containsKey);
    }
}
