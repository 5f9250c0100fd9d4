package io.residuum.graph.rewrite;

import io.residuum.graph.FakeQuantize;
import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Rounds the inputs and outputs of layers to 8 bits. This changes what the graph computes. Sums,
 * pools and concatenations of rounded values read them too, so that a runtime computes these
 * operations with 8 bits; all others read the values before rounding.
 *
 * @param layers the quantized layers, by the path of their weight; unknown ones are ignored
 */
public record QuantizeActivations(Map<String, LayerQuantization> layers) implements Pass {

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
            if (settings == null) {
                continue;
            }
            quantized.add(layer.node());
            rounded.putIfAbsent(layer.input(), settings.input());
            Node output = layer.output();
            if (output != null && settings.output() != null) {
                rounded.putIfAbsent(output, settings.output());
                outputs.add(output);
            }
        }
        Map<Node, Node> after = new IdentityHashMap<>();
        return graph.map(
                (node, now) -> {
                    List<Node> inputs =
                            IntStream.range(0, now.inputs().size())
                                    .mapToObj(
                                            i -> {
                                                Node in = node.input(i);
                                                Node other = after.get(in);
                                                boolean reads =
                                                        quantized.contains(node) && i == 0
                                                                || outputs.contains(in)
                                                                || computesIn8Bits(node, rounded);
                                                return other != null && reads
                                                        ? other
                                                        : now.input(i);
                                            })
                                    .toList();
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
