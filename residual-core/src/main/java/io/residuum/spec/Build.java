package io.residuum.spec;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.LinksWeights;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** Builds children under their names, so that an error names the layer that failed. */
public final class Build {
    /** Layers of 1 to 2 KiB fit into a heap of 256 MiB, and are built in a second. */
    private static final int MAX_LAYERS = 100_000;

    private static final int MAX_NAME = 200;

    private Build() {}

    /**
     * {@return the block of a child with one input and one output}
     *
     * @param name the child's name below its parent
     * @param spec the child
     * @throws SpecException with the child's path, if the child cannot be built
     */
    public static Layer child(String name, LayerSpec spec, Shape input) {
        Layer layer = child(name, spec, List.of(input));
        return within(
                name,
                spec,
                () -> {
                    Check.that(
                            layer.outputNames().size() == 1,
                            "the layer must have one output here, got %s: put both layers into a"
                                    + " graph",
                            layer.outputNames());
                    return layer;
                });
    }

    /**
     * {@return the block of a child with one or several inputs and outputs}
     *
     * @param name the child's name below its parent
     * @param spec the child
     * @param inputs the shapes of its inputs
     * @throws SpecException with the child's path, if the child cannot be built
     */
    public static Layer child(String name, LayerSpec spec, List<Shape> inputs) {
        return within(
                name,
                spec,
                () -> {
                    Layer layer = spec.newBlock(inputs);
                    // Counts too large to be exact fail here, where the layer has a name and a
                    // line.
                    layer.requireExactCounts();
                    return layer;
                });
    }

    /**
     * {@return the part that the parent makes for a child, such as its block}
     *
     * @param name the child's name below its parent
     * @param spec the child
     * @param build makes or checks it
     * @throws SpecException with the child's path, if this fails
     */
    public static <T> T within(String name, LayerSpec spec, Supplier<T> build) {
        try {
            return build.get();
        } catch (SpecException | IllegalArgumentException | ArithmeticException e) {
            throw SpecException.within(name, spec, e);
        }
    }

    static void link(String path, Layer layer, Layer network) {
        try {
            if (layer instanceof LinksWeights links) {
                links.link(path, network);
            }
        } catch (SpecException | IllegalArgumentException e) {
            throw new SpecException(path + ": " + e.getMessage(), e);
        }
    }

    /**
     * {@return a child's name in a list: its own, or its index from 0}
     *
     * @param spec the child
     * @param position its index
     */
    public static String nameOf(LayerSpec spec, int position) {
        return spec.name().isEmpty() ? Integer.toString(position) : spec.name();
    }

    /**
     * {@return the number of layers of a child, as {@link LayerSpec#layerCount} counts them}
     *
     * @param name the child's name below its parent
     * @param spec the child
     * @throws SpecException with the child's path, if it cannot be expanded
     */
    public static long layerCount(String name, LayerSpec spec) {
        try {
            return spec.layerCount();
        } catch (SpecException | IllegalArgumentException e) {
            throw SpecException.within(name, spec, e);
        }
    }

    /**
     * {@return the number of layers of children and their parent}
     *
     * @param layers the children, in order
     */
    public static long layerCount(List<LayerSpec> layers) {
        long count = 1;
        for (int i = 0; i < layers.size(); i++) {
            count += layerCount(nameOf(layers.get(i), i), layers.get(i));
        }
        return count;
    }

    static void requireBuildable(String component, long layers) {
        Check.that(
                layers <= MAX_LAYERS,
                "%s must build at most %s layers, got %s",
                component,
                MAX_LAYERS,
                layers);
    }

    /**
     * Requires that children have names which can be parts of paths, and that the names differ.
     *
     * @param layers the children, in order
     */
    public static void requireDistinctNames(List<LayerSpec> layers) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < layers.size(); i++) {
            String name = nameOf(layers.get(i), i);
            Check.that(
                    !name.contains(".") && !name.isBlank(),
                    "layers[%s].name must not be blank or contain a dot, got \"%s\"",
                    i,
                    name);
            Check.that(
                    name.length() <= MAX_NAME,
                    "layers[%s].name must have at most %s characters, got %s",
                    i,
                    MAX_NAME,
                    name.length());
            Check.that(
                    names.add(name),
                    "layers must have different names, got \"%s\" twice: rename one",
                    name);
        }
    }
}
