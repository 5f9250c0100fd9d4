package io.residuum.transformer.branch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.residuum.nn.Cache;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;

/**
 * The keys and values that queries read.
 *
 * @param keys {@code (N G, K, D)}
 * @param values {@code (N G, K, D)}
 * @param positions the positions of the K rows
 */
record KeysAndValues(NDArray keys, NDArray values, KeyPositions positions) {

    /** Wraps keys and values of a complete sequence. */
    static KeysAndValues of(NDArray keys, NDArray values) {
        int length = Math.toIntExact(keys.getShape().get(1));
        return new KeysAndValues(keys, values, KeyPositions.all(length));
    }

    /** Appends keys and values of new positions to those in a cache. */
    static KeysAndValues append(
            Cache cache, ForwardPass pass, Layer layer, NDArray keys, NDArray values) {
        Cache.Rows rows = cache.append(pass, layer, new NDList(keys, values));
        NDArray all = rows.arrays().get(0);
        int added = Math.toIntExact(keys.getShape().get(1));
        int room = Math.toIntExact(all.getShape().get(1));
        KeyPositions positions = new KeyPositions(cache.length(), rows.firstNew(), added, room);
        return new KeysAndValues(all, rows.arrays().get(1), positions);
    }
}
