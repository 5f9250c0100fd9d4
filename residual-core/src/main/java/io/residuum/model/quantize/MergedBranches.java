package io.residuum.model.quantize;

import ai.djl.ndarray.NDList;
import io.residuum.compile.GraphRunner;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.rewrite.FoldBatchNorm;
import io.residuum.graph.rewrite.MergeConvolutions;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.MergeableBranches;
import io.residuum.spec.ModelSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Merges branches that are one convolution in prediction. Otherwise each branch would be rounded,
 * and none of them could be merged afterwards.
 */
final class MergedBranches {
    private MergedBranches() {}

    /** Changes a network to one that has no such branches, with the same outputs. */
    static void merge(Network network, NDList inputs) {
        ModelSpec spec = network.spec();
        if (!(spec.network() instanceof MergeableBranches family)) {
            return;
        }
        LayerSpec merged = family.withMergedBranches();
        if (merged.equals(family)) {
            return;
        }
        Check.that(
                spec.adapters().isEmpty(),
                "a network whose branches are merged must have no adapters, found %s: merge them"
                        + " first",
                spec.adapters().size());
        ModelSpec next = spec.withNetwork(merged);
        Map<String, Supplier<float[]>> values = values(network, next.newBlock(), inputs);
        ModelMetadata metadata = network.metadata();
        network.adaptTo(next, 0);
        network.setMetadata(metadata);
        network.loadValues(values);
    }

    /** Returns the values of the parameters that the network lacks. */
    private static Map<String, Supplier<float[]>> values(
            Network network, Layer next, NDList inputs) {
        try (GraphRunner runner = network.graphRunner()) {
            Graph whole = new FoldBatchNorm().apply(runner.capture(inputs));
            Graph graph = new MergeConvolutions().apply(whole);
            List<Node> from = layers(graph);
            List<Node> to = layers(new FoldBatchNorm().apply(runner.capture(next, inputs)));
            Map<String, Node> sources = new LinkedHashMap<>();
            for (int i = 0; i < Math.min(from.size(), to.size()); i++) {
                List<Node> parameters = to.get(i).inputs();
                for (int k = 1; k < Math.min(parameters.size(), from.get(i).inputs().size()); k++) {
                    if (parameters.get(k).operation() instanceof Leaf.Weight weight) {
                        sources.put(weight.path(), from.get(i).input(k));
                    }
                }
            }
            sources.keySet().removeAll(network.state().keySet());
            next.namedParameters()
                    .forEach(
                            (path, p) ->
                                    Check.that(
                                            network.state().containsKey(path)
                                                    || sources.containsKey(path)
                                                            && sources.get(path)
                                                                    .shape()
                                                                    .fixed()
                                                                    .equals(p.getShape()),
                                            "each merged convolution must have its branches, found"
                                                    + " none for %s",
                                            path));
            List<float[]> computed = runner.constants(graph, List.copyOf(sources.values()));
            Map<String, Supplier<float[]>> values = new LinkedHashMap<>();
            for (String path : sources.keySet()) {
                float[] value = computed.get(values.size());
                values.put(path, () -> value);
            }
            return values;
        }
    }

    private static List<Node> layers(Graph graph) {
        List<Node> layers = new ArrayList<>(graph.nodes());
        layers.removeIf(
                node ->
                        !(node.operation() instanceof Operation.Convolution
                                || node.operation() instanceof Operation.Linear));
        return layers;
    }
}
