package io.residuum.transformer.layers;

import io.residuum.nn.Layer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds a layer by a path relative to a layer around the one that uses it. */
public final class NearestLayer {
    private NearestLayer() {}

    /**
     * {@return the layers of a kind by path}
     *
     * @param network the complete network
     * @param kind the class of the layers
     * @param <T> the class of the layers
     */
    static <T extends Layer> Map<String, T> all(Layer network, Class<T> kind) {
        Map<String, T> known = new LinkedHashMap<>();
        network.walk(
                (at, layer) -> {
                    if (kind.isInstance(layer)) {
                        known.put(at, kind.cast(layer));
                    }
                });
        return known;
    }

    /** {@return the layer at a path, from the inside out; null if there is none} */
    static <T extends Layer> @Nullable T find(String user, String path, Map<String, T> known) {
        String scope = user;
        T found = null;
        while (found == null && !scope.isEmpty()) {
            scope = scope.substring(0, Math.max(0, scope.lastIndexOf('.')));
            found = known.get(scope.isEmpty() ? path : scope + "." + path);
        }
        return found;
    }

    /**
     * {@return the layer of a kind at a path, from the inside out}
     *
     * @param user the path of the layer that uses it
     * @param network the complete network
     * @param path the path, relative to a layer around the user
     * @param kind the class of the layer
     * @param <T> the class of the layer
     * @throws IllegalArgumentException if there is none
     */
    public static <T extends Layer> T of(String user, Layer network, String path, Class<T> kind) {
        Map<String, T> known = all(network, kind);
        T found = find(user, path, known);
        if (found == null) {
            throw new IllegalArgumentException(
                    "table must be the path of another layer's table, got \"%s\"; the network has"
                                    .formatted(path)
                            + " the tables "
                            + known.keySet());
        }
        return found;
    }
}
