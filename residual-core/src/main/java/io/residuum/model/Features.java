package io.residuum.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.ParameterStore;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** Computes intermediate outputs by the paths of their layers. */
final class Features {
    private Features() {}

    /** As {@link Network#features}. */
    static Map<String, NDArray> of(
            Layer block, ParameterStore store, NDList inputs, Collection<String> names) {
        Map<String, Layer> layers = new LinkedHashMap<>();
        block.walk(layers::put);
        Map<Layer, String> wanted = new IdentityHashMap<>();
        Map<String, NDArray> found = new LinkedHashMap<>();
        for (String name : names) {
            Layer layer = layers.get(name);
            Check.that(
                    layer != null,
                    "features must name layers of the network, got \"%s\": its parts are %s",
                    name,
                    block.children().keySet());
            wanted.put(layer, name);
            // Holds the place: results are in the order asked for.
            found.put(name, inputs.head());
        }
        ForwardPass pass =
                ForwardPass.observed(
                        store,
                        inputs,
                        false,
                        (layer, output) -> {
                            String name = wanted.get(layer);
                            if (name != null) {
                                found.put(name, output);
                            }
                        });
        block.forward(pass, inputs.head());
        return found;
    }
}
