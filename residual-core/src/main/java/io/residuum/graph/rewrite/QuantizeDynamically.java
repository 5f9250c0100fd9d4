package io.residuum.graph.rewrite;

import io.residuum.graph.DynamicQuantize;
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
 * Rounds the inputs of linear layers to 8 bits, by their range in each run. This changes what the
 * graph computes.
 *
 * @param layers the layers, by the path of their weight; unknown ones are ignored
 */
public record QuantizeDynamically(Set<String> layers) implements Pass {

    /** Copies the set. */
    public QuantizeDynamically {
        layers = Set.copyOf(layers);
    }

    @Override
    public Graph apply(Graph graph) {
        Set<Node> quantized = Collections.newSetFromMap(new IdentityHashMap<>());
        QuantizableLayer.of(graph).stream()
                .filter(layer -> layer.node().operation() instanceof Operation.Linear)
                .filter(layer -> layers.contains(layer.path()))
                .forEach(layer -> quantized.add(layer.node()));
        Map<Node, Node> rounded = new IdentityHashMap<>();
        return graph.map(
                (node, now) -> {
                    if (!quantized.contains(node)) {
                        return now;
                    }
                    List<Node> inputs = new ArrayList<>(now.inputs());
                    inputs.set(
                            0,
                            rounded.computeIfAbsent(
                                    now.input(0), x -> x.then(new DynamicQuantize())));
                    return now.with(inputs);
                });
    }
}
