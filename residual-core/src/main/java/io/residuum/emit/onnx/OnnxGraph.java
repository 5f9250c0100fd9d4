package io.residuum.emit.onnx;

import ai.djl.ndarray.types.DataType;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.SymbolicDim;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An ONNX graph while it grows: nodes, constants and the names of both. The values of weights are
 * not in it.
 */
final class OnnxGraph {
    private final List<NodeProto.Builder> nodes = new ArrayList<>();
    private final Map<TensorProto, String> constants = new LinkedHashMap<>();
    private final Map<DimExpr, String> sizes = new HashMap<>();
    private final Map<DimExpr, Place> places = new HashMap<>();
    private final List<ValueInfoProto> inputs = new ArrayList<>();
    private final List<ValueInfoProto> outputs = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    /** The axis of a value from which a size can be read. */
    private record Place(String value, int axis) {}

    /** Takes a name that a user sees, and that must therefore stay as it is. */
    void reserve(String name) {
        if (!names.add(name)) {
            throw new IllegalArgumentException(
                    "inputs, parameters and outputs must have different names, found "
                            + name
                            + " twice: rename the layer");
        }
    }

    private String unique(String wanted) {
        String name = wanted;
        for (int i = 2; !names.add(name); i++) {
            name = wanted + "_" + i;
        }
        return name;
    }

    void input(ValueInfoProto value) {
        inputs.add(value);
    }

    /** Makes a value a result under its own, reserved name. */
    void output(String value, ValueInfoProto described) {
        String name = described.getName();
        outputs.add(described);
        boolean taken = outputs.stream().anyMatch(o -> o.getName().equals(value));
        NodeProto.@Nullable Builder maker = taken ? null : maker(value);
        if (maker == null) {
            nodes.add(
                    NodeProto.newBuilder()
                            .setName(unique("Identity"))
                            .setOpType("Identity")
                            .addInput(value)
                            .addOutput(name));
            return;
        }
        maker.setOutput(0, name);
        for (NodeProto.Builder reader : nodes) {
            for (int i = 0; i < reader.getInputCount(); i++) {
                if (reader.getInput(i).equals(value)) {
                    reader.setInput(i, name);
                }
            }
        }
    }

    /** The node that computes a value; null for an input or a tensor. */
    private NodeProto.@Nullable Builder maker(String value) {
        for (NodeProto.Builder node : nodes) {
            if (node.getOutput(0).equals(value)) {
                return node;
            }
        }
        return null;
    }

    /**
     * Adds a node with one result.
     *
     * @param type the operator
     * @param layer the path of the layer that it belongs to
     * @return the name of its result
     */
    String node(String type, String layer, List<String> operands, AttributeProto... attributes) {
        String name = unique(layer.isEmpty() ? type : layer + "/" + type);
        nodes.add(
                NodeProto.newBuilder()
                        .setName(name)
                        .setOpType(type)
                        .addAllInput(operands)
                        .addOutput(name)
                        .addAllAttribute(Arrays.asList(attributes)));
        return name;
    }

    /** The name of a constant; equal ones are stored once. */
    String constant(TensorProto tensor) {
        return constants.computeIfAbsent(tensor, t -> unique("constant"));
    }

    /** The name of a constant of any type. */
    String constant(double[] values, long[] dims, DataType type) {
        DataType stored = OnnxTypes.stored(type);
        String name = constant(OnnxTypes.tensor(values, dims, stored));
        return typed(name, "", stored, type);
    }

    /** A value in another type; itself where the type is the same. */
    String typed(String value, String layer, DataType from, DataType to) {
        AttributeProto type = OnnxTypes.attribute("to", (long) OnnxTypes.of(to));
        return from == to ? value : node("Cast", layer, List.of(value), type);
    }

    /** Says that a value has a shape, from which open sizes can be read when the graph runs. */
    void shaped(String value, Dims shape) {
        for (int axis = 0; axis < shape.dimension(); axis++) {
            places.putIfAbsent(shape.get(axis), new Place(value, axis));
        }
    }

    /** The name of a vector of integers. */
    String sizes(long... values) {
        return constant(OnnxTypes.tensor(values));
    }

    /** The name of a vector of sizes, the open ones computed from shapes. */
    String sizes(List<DimExpr> values) {
        if (values.stream().allMatch(DimExpr::isFixed)) {
            return sizes(values.stream().mapToLong(DimExpr::value).toArray());
        }
        List<String> parts =
                values.stream().map(v -> v.isFixed() ? sizes(v.value()) : open(v)).toList();
        return parts.size() == 1
                ? parts.get(0)
                : node("Concat", "", parts, OnnxTypes.attribute("axis", 0L));
    }

    /** An open size as a vector of one. */
    private String open(DimExpr size) {
        String known = sizes.get(size);
        if (known == null) {
            Place place = places.get(size);
            known = place == null ? multiplied(size) : read(place);
            sizes.put(size, known);
        }
        return known;
    }

    private String read(Place place) {
        return node(
                "Shape",
                "",
                List.of(place.value),
                OnnxTypes.attribute("start", (long) place.axis),
                OnnxTypes.attribute("end", place.axis + 1L));
    }

    private String multiplied(DimExpr size) {
        if (size.factor() == 1 && size.symbols().size() == 1) {
            throw new IllegalArgumentException(
                    "the size "
                            + size
                            + " must be one of an input's to be free, found none in "
                            + inputs.stream().map(ValueInfoProto::getName).toList());
        }
        String product = size.factor() == 1 ? null : sizes(size.factor());
        for (SymbolicDim symbol : size.symbols()) {
            String factor = open(DimExpr.of(symbol));
            product = product == null ? factor : node("Mul", "", List.of(product, factor));
        }
        return Objects.requireNonNull(product);
    }

    /** All of it but the weights. */
    GraphProto.Builder proto() {
        GraphProto.Builder graph = GraphProto.newBuilder().setName("network");
        graph.addAllInput(inputs).addAllOutput(outputs);
        nodes.forEach(graph::addNode);
        constants.forEach((t, name) -> graph.addInitializer(t.toBuilder().setName(name)));
        return graph;
    }
}
