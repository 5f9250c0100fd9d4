package io.residuum.vision.features;

import io.residuum.spec.Build;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.SpecException;
import io.residuum.spec.TypeName;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Names;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The features of a network at named layers: {@code (N, C, H, W)} to one output for each part. The
 * layers after the last part, such as the classifier, are left out. The others keep their names, so
 * that weights of the whole network fit.
 *
 * @param network the network, layers in sequence or a family of such
 * @param parts the paths of the layers whose outputs are the features, in the order of the network,
 *     for instance {@code stage4}. Default: stage4
 * @param outputStride the height of the image divided by that of the last feature, at most. Strides
 *     beyond it become dilations (Chen et al. 2017, arXiv:1706.05587, Section 3.1). 0: unchanged.
 *     Default: 0
 * @param dilateStrided true to dilate convolutions that lose their stride, too, as torchvision's
 *     MobileNetV3; false for those after them only, as its ResNets. Default: false
 */
@TypeName("backbone")
public record Backbone(
        @Default("\"\"") String name,
        LayerSpec network,
        @Default("[\"stage4\"]") List<String> parts,
        @Default("0") int outputStride,
        @Default("false") boolean dilateStrided)
        implements Family {
    public Backbone {
        parts = List.copyOf(parts);
        Check.that(!parts.isEmpty(), "parts must name one layer or more, got none");
        Check.that(
                new HashSet<>(parts).size() == parts.size(),
                "parts must be different layers, got %s",
                parts);
        Check.notNegative("outputStride", outputStride);
    }

    /** {@return a copy with another name} */
    public Backbone named(String other) {
        return new Backbone(other, network, parts, outputStride, dilateStrided);
    }

    /** {@return the names of the outputs: the parts, with {@code -} for each dot} */
    public List<String> outputs() {
        return parts.stream().map(Backbone::output).toList();
    }

    private static String output(String part) {
        return part.replace('.', '-');
    }

    @Override
    public LayerSpec expand() {
        LayerSpec plain = network.expanded();
        if (outputStride > 0) {
            plain = new Dilation(outputStride, dilateStrided).apply(plain);
        }
        Cut cut = new Cut(new HashSet<>(parts));
        LayerGraph graph = cut.graph(name, "", plain, false);
        Check.that(
                cut.wanted.isEmpty(),
                "parts must name layers of the network, one of %s or a layer in them, got %s",
                names(plain),
                cut.wanted);
        Check.that(
                graph.outputs().all().equals(outputs()),
                "parts must be in the order of the network, %s, got %s",
                graph.outputs(),
                parts);
        return graph;
    }

    private static List<String> names(LayerSpec network) {
        List<LayerSpec> layers = layers("", network);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            names.add(Build.nameOf(layers.get(i), i));
        }
        return names;
    }

    private static List<LayerSpec> layers(String path, LayerSpec network) {
        if (network instanceof Sequential sequential) {
            return sequential.layers();
        }
        throw new SpecException(
                "network must have its parts in sequence, but %s is %s: put a graph with these outputs in its place"
                        .formatted(
                                path.isEmpty() ? "it" : path, network.getClass().getSimpleName()));
    }

    /** Turns sequences into graphs, up to the last part. */
    private record Cut(Set<String> wanted) {

        /**
         * Returns a graph whose outputs are the parts below a path, and the output of all layers if
         * {@code whole}.
         */
        LayerGraph graph(String name, String path, LayerSpec network, boolean whole) {
            List<LayerSpec> layers = layers(path, network);
            List<LayerNode> nodes = new ArrayList<>();
            List<String> outputs = new ArrayList<>();
            String last = "input";
            for (int i = 0; i < layers.size() && (whole || isBelow(path)); i++) {
                LayerSpec layer = layers.get(i);
                String child = Build.nameOf(layer, i);
                String at = path.isEmpty() ? child : path + "." + child;
                boolean own = wanted.remove(at);
                if (isBelow(at)) {
                    boolean goesOn = whole || own || wanted.stream().anyMatch(p -> !isBelow(at, p));
                    LayerGraph inner = graph(layer.name(), at, layer, goesOn);
                    List<String> made = new ArrayList<>(inner.outputs().all());
                    if (goesOn) {
                        made.set(made.size() - 1, output(at));
                    }
                    outputs.addAll(goesOn ? made.subList(0, made.size() - 1) : made);
                    nodes.add(node(inner, last, made));
                } else {
                    nodes.add(node(layer, last, List.of(output(at))));
                }
                last = output(at);
                if (own) {
                    outputs.add(last);
                }
            }
            if (whole) {
                outputs.add(last);
            }
            Check.that(!nodes.isEmpty(), "parts must name layers of the network, got %s", wanted);
            return new LayerGraph(
                    name,
                    Names.of("input"),
                    nodes,
                    outputs.isEmpty() ? Names.NONE : new Names(outputs));
        }

        private boolean isBelow(String path) {
            return wanted.stream().anyMatch(part -> isBelow(path, part));
        }

        private static boolean isBelow(String path, String part) {
            return path.isEmpty() || part.startsWith(path + ".");
        }

        private static LayerNode node(LayerSpec layer, String from, List<String> to) {
            return LayerNode.of(layer).from(from).to(to.toArray(String[]::new));
        }
    }
}
