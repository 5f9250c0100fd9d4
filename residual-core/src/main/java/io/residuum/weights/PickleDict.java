package io.residuum.weights;

import java.math.BigInteger;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** A dictionary of a pickle; compared by identity, as a pickle may make it hold itself. */
final class PickleDict {
    private Map<Object, Object> entries = Map.of();
    private boolean holdsTensors;

    /** Adds an entry; a later value for a key replaces the earlier one. */
    void put(Object key, Object value) {
        if (entries.isEmpty()) {
            entries = new LinkedHashMap<>();
        }
        holdsTensors |= key instanceof String && value instanceof TorchTensor;
        entries.put(isPlain(key) ? key : new Opaque(), value);
    }

    /** Returns whether a tensor was put under a name. */
    boolean holdsTensors() {
        return holdsTensors;
    }

    /** Returns the entries; keys that are no plain values are objects without a meaning. */
    Map<Object, Object> entries() {
        return Collections.unmodifiableMap(entries);
    }

    // Hashing a container would follow its references, which may run in a circle.
    private static boolean isPlain(Object key) {
        return key instanceof String
                || key instanceof Long
                || key instanceof Double
                || key instanceof Boolean
                || key instanceof BigInteger;
    }

    private static final class Opaque {}
}
