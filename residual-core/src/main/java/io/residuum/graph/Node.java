package io.residuum.graph;

import ai.djl.ndarray.types.DataType;
import java.util.List;

/** An operation of a {@link Graph} and the array it computes. Nodes are compared by identity. */
public final class Node {
    private final Operation operation;
    private final List<Node> inputs;
    private final Dims shape;
    private final DataType type;
    private String layer;

    /**
     * Creates a node.
     *
     * @param inputs the operands
     * @param shape the shape of the result
     * @param type the type of the result
     * @param layer the path of the layer that computes the node
     */
    public Node(Operation operation, List<Node> inputs, Dims shape, DataType type, String layer) {
        this.operation = operation;
        this.inputs = List.copyOf(inputs);
        this.shape = shape;
        this.type = type;
        this.layer = layer;
    }

    /** Replaces the inputs by the same number of others. Returns this node if nothing changes. */
    public Node with(List<Node> changed) {
        return changed.equals(inputs) ? this : new Node(operation, changed, shape, type, layer);
    }

    /** Replaces the operation. */
    public Node with(Operation changed) {
        return new Node(changed, inputs, shape, type, layer);
    }

    /** Applies an operation to this node, with the same shape, type and layer. */
    public Node then(Operation next) {
        return new Node(next, List.of(this), shape, type, layer);
    }

    /** Returns the operation. */
    public Operation operation() {
        return operation;
    }

    /** Returns the operands in order. */
    public List<Node> inputs() {
        return inputs;
    }

    /** Returns one of the operands. */
    public Node input(int i) {
        return inputs.get(i);
    }

    /** Returns the shape of the result. */
    public Dims shape() {
        return shape;
    }

    /** Returns the type of the result's elements. */
    public DataType type() {
        return type;
    }

    /**
     * Returns the dotted path of the layer that computes the node; empty for the network itself.
     */
    public String layer() {
        return layer;
    }

    /** Sets the path of the layer, once it is known. */
    public void assign(String path) {
        layer = path;
    }

    @Override
    public String toString() {
        return operation + " " + shape;
    }
}
