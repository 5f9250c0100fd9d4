package io.residuum.residual.stream;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The states that the layers of one stream save, without those of streams inside it. It finds the
 * layers once, so that checking all readers takes time linear in the layers.
 */
final class SavedNames {
    private final Map<Layer, Integer> places = new IdentityHashMap<>();

    /** The shapes of the states by name, then by the place of the layer that saves them. */
    private final Map<String, TreeMap<Integer, Shape>> states = new LinkedHashMap<>();

    SavedNames(Layer stream) {
        stream.children().values().forEach(this::collect);
    }

    private void collect(Layer layer) {
        places.putIfAbsent(layer, places.size());
        if (layer instanceof SaveBlock save) {
            int place = Objects.requireNonNull(places.get(layer));
            states.computeIfAbsent(save.state(), name -> new TreeMap<>())
                    .put(place, save.inputShape());
        }
        if (!(layer instanceof StreamBlock)) {
            layer.children().values().forEach(this::collect);
        }
    }

    /** Returns true if no layer saves a state. */
    boolean isEmpty() {
        return states.isEmpty();
    }

    /** Requires that earlier layers save states of one shape. */
    private void require(Layer reader, List<String> names, Shape shape) {
        int place = places.getOrDefault(reader, 0);
        for (String name : names) {
            Map.Entry<Integer, Shape> saved =
                    states.getOrDefault(name, new TreeMap<>()).lowerEntry(place);
            if (saved == null) {
                Map<String, TreeMap<Integer, Shape>> earlier = new LinkedHashMap<>(states);
                earlier.values().removeIf(all -> all.firstKey() >= place);
                throw new IllegalArgumentException(
                        "of must name states that earlier layers of the stream save, got \"%s\" among %s"
                                .formatted(name, earlier.keySet()));
            }
            if (!saved.getValue().equals(shape)) {
                throw new IllegalArgumentException(
                        "the state \"%s\" must have the shape %s of the layer's input, got %s: save it where the shape is the same"
                                .formatted(name, shape, saved.getValue()));
            }
        }
    }

    /**
     * Requires that earlier layers of the same stream save states of one shape.
     *
     * @param path the path of the layer that reads them
     * @param network the complete network
     * @param names the names of the states
     */
    static void require(String path, Layer reader, Layer network, List<String> names) {
        stream(path, network).saved().require(reader, names, reader.inputShape());
    }

    /** Returns the innermost stream around a layer. */
    static StreamBlock stream(String path, Layer network) {
        StreamBlock innermost = null;
        Layer around = network;
        String[] names = path.isEmpty() ? new String[0] : path.split("[.]");
        for (String name : names) {
            if (around instanceof StreamBlock stream) {
                innermost = stream;
            }
            around = Objects.requireNonNull(around.children().get(name), path);
        }
        if (innermost == null) {
            throw new IllegalArgumentException(
                    "saved states must be in a layer of type stream, found none around this one:"
                            + " wrap the layers in it");
        }
        return innermost;
    }
}
