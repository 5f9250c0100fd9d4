package io.residuum.weights;

import java.math.BigInteger;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** A dictionary of a pickle. It is compared by identity, because it may contain itself. */
final class PickleDict {
    private Map<Object, Object> entries = Map.of();
    private boolean holdsTensors;

    void put(Object key, Object value) {
        if (entries.isEmpty()) {
            entries = new LinkedHashMap<>();
        }
        holdsTensors |= key instanceof String && value instanceof TorchTensor;
        entries.put(isPlain(key) ? key : new Opaque(), value);
    }

    /** {@return true if a value with a text key is a tensor} */
    boolean holdsTensors() {
        return holdsTensors;
    }

    /** {@return the entries, with placeholders for keys that are not plain values} */
    Map<Object, Object> entries() {
        return Collections.unmodifiableMap(entries);
    }

    // Hashing a container would follow its references, which may form a cycle.
    private static boolean isPlain(Object key) {
        return key instanceof String
                || key instanceof Long
                || key instanceof Double
                || key instanceof Boolean
                || key instanceof BigInteger;
    }

    private static final class Opaque {}
}
