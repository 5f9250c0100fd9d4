package io.residuum.graph.trace;

import ai.djl.ndarray.NDList;
import io.residuum.graph.Node;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** An empty cache: layers read the rows that they append, and nothing else. */
final class TracedPrompt implements TracedRows {
    /** The arrays of each layer, in the order of an {@link io.residuum.nn.ArrayCache}. */
    private final Map<Layer, List<Node>> arrays = new LinkedHashMap<>();

    @Override
    public int length() {
        return 0;
    }

    /** Does nothing: the batch is dynamic. */
    @Override
    public void begin(long samples) {}

    @Override
    public Rows append(ForwardPass pass, Layer layer, NDList rows) {
        return new Rows(kept(layer, rows), 0);
    }

    @Override
    public NDList once(ForwardPass pass, Layer layer, Supplier<NDList> first) {
        return kept(layer, first.get());
    }

    private NDList kept(Layer layer, NDList made) {
        List<Node> nodes = arrays.computeIfAbsent(layer, l -> new ArrayList<>());
        made.forEach(array -> nodes.add(TracedArray.of(array).node()));
        return made;
    }

    @Override
    public <T> T positionDependent(ForwardPass pass, PositionDependent<T> recipe) {
        return recipe.make(pass);
    }

    @Override
    public List<Node> appended() {
        return arrays.values().stream().flatMap(List::stream).toList();
    }
}
