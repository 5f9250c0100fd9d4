package io.residuum.spec.graph;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Inline;
import io.residuum.spec.LayerSpec;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A layer of a graph with the values that it reads and writes. In JSON the three keys stand beside
 * those of the layer.
 *
 * @param layer the layer
 * @param from the values that are its inputs, in order. Default: the outputs of the layer before,
 *     or the graph's only input
 * @param with values that all layers below read as side inputs, by the name of the side input.
 *     Default: none
 * @param to the names of its outputs, in order. Default: the name of the layer
 */
public record LayerNode(
        @Inline LayerSpec layer,
        @Default("[]") Names from,
        @Default("{}") Map<String, String> with,
        @Default("[]") Names to) {
    public LayerNode {
        to.requireDistinct("to");
        with = Collections.unmodifiableMap(new TreeMap<>(with));
        Check.that(
                with.keySet().stream().noneMatch(String::isBlank),
                "with must name side inputs, got a blank name");
    }

    /** {@return a node that reads the outputs of the layer before it} */
    public static LayerNode of(LayerSpec layer) {
        return new LayerNode(layer, Names.NONE, Map.of(), Names.NONE);
    }

    /**
     * {@return this node with other inputs}
     *
     * @param names the values, in order
     */
    public LayerNode from(String... names) {
        return new LayerNode(layer, new Names(List.of(names)), with, to);
    }

    /**
     * {@return this node with a value as a side input of all layers below}
     *
     * @param side the name of the side input
     * @param value the name of the value
     */
    public LayerNode with(String side, String value) {
        Map<String, String> more = new HashMap<>(with);
        more.put(side, value);
        return new LayerNode(layer, from, more, to);
    }

    /**
     * {@return this node with other names of its outputs}
     *
     * @param names the names, in order
     */
    public LayerNode to(String... names) {
        return new LayerNode(layer, from, with, new Names(List.of(names)));
    }
}
