package io.residuum.emit.mxnet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.residuum.engine.Values;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The arrays of a graph's leaves.
 *
 * @param weights by path
 * @param prepared by index
 * @param manager the owner of new arrays for constants
 */
record Arguments(Map<String, NDArray> weights, List<NDArray> prepared, NDManager manager) {

    /** Returns the array of a leaf, or null if each run supplies one. */
    @Nullable NDArray value(Node leaf) {
        Operation operation = leaf.operation();
        if (operation instanceof Leaf.Weight weight) {
            NDArray value = weights.get(weight.path());
            if (value == null) {
                throw new IllegalArgumentException(
                        "weights must hold " + weight.path() + ", found " + weights.keySet());
            }
            return value;
        }
        if (operation instanceof Leaf.Prepared p) {
            return prepared.get(p.index());
        }
        if (operation instanceof Leaf.Constant constant) {
            return Values.create(manager, constant.values(), leaf.shape().fixed(), leaf.type());
        }
        if (operation instanceof Leaf.Fill fill) {
            double[] values = new double[Math.toIntExact(leaf.shape().fixed().size())];
            Arrays.fill(values, fill.value());
            return Values.create(manager, values, leaf.shape().fixed(), leaf.type());
        }
        return null;
    }
}
