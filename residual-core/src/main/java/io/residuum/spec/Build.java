package io.residuum.spec;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.LinksWeights;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Builds children under their names, so that an error names the layer that failed. */
public final class Build {
    private Build() {}

    /**
     * {@return the block of a child}
     *
     * @param name the child's name below its parent
     * @param spec the child
     * @param input the shape of its input
     * @throws SpecException with the child's path, if the child cannot be built
     */
    public static Layer child(String name, LayerSpec spec, Shape input) {
        try {
            return spec.newBlock(input);
        } catch (SpecException | IllegalArgumentException e) {
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

    /** {@return a child's name in a list: its own, or its index from 0} */
    static String nameOf(LayerSpec spec, int position) {
        return spec.name().isEmpty() ? Integer.toString(position) : spec.name();
    }

    static void requireDistinctNames(List<LayerSpec> layers) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < layers.size(); i++) {
            String name = nameOf(layers.get(i), i);
            Check.that(
                    !name.contains(".") && !name.isBlank(),
                    "layers[%s].name must not be blank or contain a dot, got \"%s\"",
                    i,
                    name);
            Check.that(
                    names.add(name),
                    "layers must have different names, got \"%s\" twice: rename one",
                    name);
        }
    }
}
