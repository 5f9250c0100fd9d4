package io.residuum.graph;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;

/** One operation of a {@link Graph}, and the array it computes. Nodes are compared by identity. */
public final class Node {
    private final Operation operation;
    private final List<Node> inputs;
    private final Shape shape;
    private final DataType type;
    private String layer;

    /**
     * Creates a node.
     *
     * @param operation what it computes
     * @param inputs from what
     * @param shape of the result; a free batch as in {@link Batch}
     * @param type of the result
     * @param layer the path of the layer that computes it
     */
    public Node(Operation operation, List<Node> inputs, Shape shape, DataType type, String layer) {
        this.operation = operation;
        this.inputs = List.copyOf(inputs);
        this.shape = shape;
        this.type = type;
        this.layer = layer;
    }

    /**
     * The same operation on other inputs.
     *
     * @param changed as many inputs
     * @return this node if nothing changes
     */
    public Node with(List<Node> changed) {
        return changed.equals(inputs) ? this : new Node(operation, changed, shape, type, layer);
    }

    /**
     * What it computes.
     *
     * @return an operation
     */
    public Operation operation() {
        return operation;
    }

    /**
     * What it computes it from.
     *
     * @return the operands in order
     */
    public List<Node> inputs() {
        return inputs;
    }

    /**
     * One of its operands.
     *
     * @param i its place
     * @return the operand
     */
    public Node input(int i) {
        return inputs.get(i);
    }

    /**
     * The shape of the result.
     *
     * @return sizes of which those of a free batch are as in {@link Batch}
     */
    public Shape shape() {
        return shape;
    }

    /**
     * The type of the result's elements.
     *
     * @return a type
     */
    public DataType type() {
        return type;
    }

    /**
     * Where the network computes this.
     *
     * @return the dotted path of a layer; empty for the network itself
     */
    public String layer() {
        return layer;
    }

    /** Names the layer once it is known. */
    public void assign(String path) {
        layer = path;
    }

    @Override
    public String toString() {
        return operation + " " + Batch.text(shape);
    }
}
