package io.residuum.spec.graph;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.composite.GraphBlock;
import io.residuum.spec.Build;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.SeveralInputs;
import io.residuum.spec.SpecException;
import io.residuum.spec.TypeName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * A directed acyclic graph of layers, which run as written. A layer without {@code from} reads the
 * layer before it, so that a graph of one path reads like a sequential. A name that is written
 * again is a stream that layers update.
 *
 * @param inputs the names of its inputs, in order. Default: {@code input}
 * @param layers the layers, in order of computation
 * @param outputs the names of its outputs, in order. Default: the outputs of the last layer
 */
@TypeName("graph")
public record LayerGraph(
        @Default("\"\"") String name,
        @Default("\"input\"") Names inputs,
        List<LayerNode> layers,
        @Default("[]") Names outputs)
        implements SeveralInputs {
    public LayerGraph {
        layers = List.copyOf(layers);
        Check.that(!inputs.isEmpty(), "inputs must name one input or more, got none");
        inputs.requireDistinct("inputs");
        outputs.requireDistinct("outputs");
        Check.that(!layers.isEmpty(), "layers must not be empty");
        Build.requireDistinctNames(layers.stream().map(LayerNode::layer).toList());
        new Wiring(inputs, layers, outputs).check();
    }

    /**
     * Creates a graph of one input named {@code input}, whose outputs are those of the last layer.
     *
     * @param layers the layers, in order of computation
     */
    public LayerGraph(List<LayerNode> layers) {
        this("", Names.of("input"), layers, Names.NONE);
    }

    private List<LayerSpec> specs() {
        return layers.stream().map(LayerNode::layer).toList();
    }

    private LayerGraph of(List<LayerSpec> changed) {
        List<LayerNode> nodes = new ArrayList<>();
        for (int i = 0; i < changed.size(); i++) {
            LayerNode node = layers.get(i);
            nodes.add(new LayerNode(changed.get(i), node.from(), node.with(), node.to()));
        }
        return new LayerGraph(name, inputs, nodes, outputs);
    }

    @Override
    public long layerCount() {
        return Build.layerCount(specs());
    }

    @Override
    public LayerSpec withLayers(UnaryOperator<LayerSpec> change) {
        return of(specs().stream().map(change).toList());
    }

    @Override
    public LayerSpec withClasses(int classes) {
        Wiring wiring = new Wiring(inputs, layers, outputs);
        int last = layers.size() - 1;
        Check.that(
                wiring.outputs().equals(wiring.to(last)) && wiring.outputs().size() == 1,
                "a graph must have one output, that of its last layer, to get other classes, got"
                        + " %s: edit the spec",
                wiring.outputs());
        List<LayerSpec> changed = new ArrayList<>(specs());
        changed.set(last, changed.get(last).withClasses(classes));
        return of(changed);
    }

    @Override
    public Layer newBlock(List<Shape> in) {
        Check.that(
                in.size() == inputs.all().size(),
                "the graph must get one value for each of its inputs (%s), got %s: name them in"
                        + " \"from\"",
                inputs,
                in.size());
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (int i = 0; i < in.size(); i++) {
            shapes.put(inputs.all().get(i), in.get(i));
        }
        Wiring wiring = new Wiring(inputs, layers, outputs);
        Map<String, Shape> current = new HashMap<>(shapes);
        Map<String, Layer> layersByName = new HashMap<>();
        Map<String, LayerSpec> specs = new HashMap<>();
        List<GraphBlock.Node> nodes = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            LayerNode node = layers.get(i);
            List<Shape> read = wiring.from(i).stream().map(current::get).toList();
            String child = wiring.name(i);
            Layer built;
            Layer layer;
            if (node.layer() instanceof Use use) {
                layer = Objects.requireNonNull(layersByName.get(use.layer()));
                LayerSpec spec = Objects.requireNonNull(specs.get(use.layer()));
                built = Build.within(child, use, () -> use.built(layer, spec, read));
                specs.put(child, spec);
            } else {
                layer = Build.child(child, node.layer(), read);
                built = layer;
                specs.put(child, node.layer());
            }
            layersByName.put(child, layer);
            List<String> to = wiring.to(i);
            List<Shape> made = built.outputShapes();
            Build.within(child, node.layer(), () -> fitting(built, node, to));
            for (int j = 0; j < to.size(); j++) {
                current.put(to.get(j), made.get(j));
            }
            nodes.add(new GraphBlock.Node(owner(i), layer, built, wiring.from(i), node.with(), to));
        }
        return new GraphBlock(shapes, nodes, wiring.outputs());
    }

    /** {@return the name of the layer that a node runs, its own or an earlier one} */
    private String owner(int i) {
        LayerSpec layer = layers.get(i).layer();
        return layer instanceof Use use ? use.layer() : Build.nameOf(layer, i);
    }

    /** {@return a layer that has the outputs and reads the side inputs of its node} */
    private static Layer fitting(Layer layer, LayerNode node, List<String> to) {
        for (String side : node.with().keySet()) {
            Check.that(
                    layer.sideInputs().contains(side),
                    "with must name side inputs that the layer reads (%s), got \"%s\"",
                    layer.sideInputs(),
                    side);
        }
        if (layer.outputNames().size() != to.size()) {
            throw new SpecException(
                    "to must name each output of the layer, which has %s (%s), got %s"
                            .formatted(
                                    layer.outputNames().size(),
                                    String.join(", ", layer.outputNames()),
                                    to));
        }
        return layer;
    }
}
