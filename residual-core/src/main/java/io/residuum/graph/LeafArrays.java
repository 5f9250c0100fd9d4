package io.residuum.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The arrays of the leaves that a program holds between runs.
 *
 * @param weights by path
 * @param prepared by index
 * @param manager the owner of new arrays for constants
 */
public record LeafArrays(Map<String, NDArray> weights, List<NDArray> prepared, NDManager manager) {

    /**
     * {@return the array of a weight, a prepared value, a constant or a filled array}
     *
     * @param node a leaf of fixed shape
     * @throws IllegalArgumentException if each run supplies it, or if its weight is missing
     */
    public NDArray value(Node node) {
        return ((Leaf) node.operation())
                .fold(
                        input -> suppliedByRun(node),
                        weight -> stored(node, weights.get(weight.path())),
                        prepared -> stored(node, this.prepared.get(prepared.index())),
                        drawn -> suppliedByRun(node),
                        constant -> created(node, constant.values()),
                        fill -> filled(fill, node.shape().fixed(), node.type()));
    }

    /**
     * {@return a new filled array, whose shape may depend on the number of samples}
     *
     * @param node the leaf of a filled array
     * @param batch the number of samples
     */
    public NDArray filled(Node node, long batch) {
        return filled((Leaf.Fill) node.operation(), node.shape().at(batch), node.type());
    }

    private NDArray filled(Leaf.Fill fill, Shape shape, DataType type) {
        double[] all = new double[Math.toIntExact(shape.size())];
        Arrays.fill(all, fill.value());
        return Values.create(manager, all, shape, type);
    }

    private static NDArray stored(Node leaf, @Nullable NDArray array) {
        if (array == null) {
            throw new IllegalArgumentException(
                    "the weights must contain every array of the graph, found none for "
                            + leaf.operation());
        }
        return array;
    }

    private NDArray created(Node leaf, double[] values) {
        return Values.create(manager, values, leaf.shape().fixed(), leaf.type());
    }

    private static NDArray suppliedByRun(Node leaf) {
        throw new IllegalArgumentException("each run supplies " + leaf.operation());
    }
}
