package io.residuum.vision.densenet;

import io.residuum.spec.LayerSpec;
import io.residuum.spec.graph.Concat;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Multiply;
import io.residuum.spec.graph.Names;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.AdaptiveAveragePool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Size2d;
import java.util.ArrayList;
import java.util.List;

/** The parts of units that concatenate all their features once: {@link VovNet}, {@link HgNet}. */
final class Aggregation {
    private Aggregation() {}

    /** Returns a chain of layers, and the concatenation of the graph's input and their outputs. */
    static List<LayerNode> of(List<LayerSpec> chain) {
        List<LayerNode> nodes = new ArrayList<>();
        List<String> all = new ArrayList<>();
        all.add("input");
        for (LayerSpec layer : chain) {
            nodes.add(LayerNode.of(layer));
            all.add(layer.name());
        }
        nodes.add(LayerNode.of(new Concat("concat", null)).from(all.toArray(String[]::new)));
        return nodes;
    }

    /**
     * Returns squeeze-excitation with one map (Lee and Park 2020, arXiv:1911.06667, Section 3.3).
     */
    static LayerGraph attention(Conv2d map, ActivationSpec gate) {
        return new LayerGraph(
                "attention",
                Names.of("input"),
                List.of(
                        LayerNode.of(new AdaptiveAveragePool2d("pool", Size2d.of(1))),
                        LayerNode.of(map),
                        LayerNode.of(new Activation("gate", gate)),
                        LayerNode.of(new Multiply("product")).from("input", "gate")),
                Names.NONE);
    }
}
