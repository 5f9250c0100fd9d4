package io.residuum.residual.stream;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Checks that earlier layers of a network save the states that a layer reads. */
final class SavedNames {
    private SavedNames() {}

    /**
     * Requires that earlier layers of the same stream save states of one shape.
     *
     * @param path the path of the layer that reads them
     * @param network the complete network
     * @param names the names of the states
     * @param shape their shape
     */
    static void require(String path, Layer network, List<String> names, Shape shape) {
        String scope = scope(path, network);
        Map<String, Shape> saved = new LinkedHashMap<>();
        Map<String, Layer> layers = layers(network);
        for (Map.Entry<String, Layer> entry : layers.entrySet()) {
            if (entry.getKey().equals(path)) {
                break;
            }
            if (entry.getValue() instanceof SaveBlock save
                    && scope(entry.getKey(), layers).equals(scope)) {
                saved.put(save.state(), save.inputShape());
            }
        }
        for (String name : names) {
            Shape found = saved.get(name);
            if (found == null) {
                throw new IllegalArgumentException(
                        "of must name states that earlier layers of the stream save, got \"%s\" among %s"
                                .formatted(name, saved.keySet()));
            }
            if (!found.equals(shape)) {
                throw new IllegalArgumentException(
                        "the state \"%s\" must have the shape %s of the layer's input, got %s: save it where the shape is the same"
                                .formatted(name, shape, found));
            }
        }
    }

    /** Returns the path of the innermost stream around a layer. */
    static String scope(String path, Layer network) {
        return scope(path, layers(network));
    }

    private static String scope(String path, Map<String, Layer> layers) {
        String above = path;
        while (!above.isEmpty()) {
            above = above.substring(0, Math.max(0, above.lastIndexOf('.')));
            if (layers.get(above) instanceof StreamBlock) {
                return above;
            }
        }
        throw new IllegalArgumentException(
                "saved states must be in a layer of type stream, found none around this one: wrap"
                        + " the layers in it");
    }

    private static Map<String, Layer> layers(Layer network) {
        Map<String, Layer> layers = new LinkedHashMap<>();
        network.walk(layers::put);
        return layers;
    }
}
