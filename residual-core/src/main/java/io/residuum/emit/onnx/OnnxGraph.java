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

/** An ONNX graph under construction: nodes, constants and their names. Excludes weights. */
final class OnnxGraph {
    /** The domain of onnxruntime's own operators. */
    static final String CONTRIBUTED = "com.microsoft";

    private final List<NodeProto.Builder> nodes = new ArrayList<>();
    private final Map<TensorProto, String> constants = new LinkedHashMap<>();
    private final Map<DimExpr, String> sizes = new HashMap<>();
    private final Map<DimExpr, SizeSource> sizeSources = new HashMap<>();
    private final List<ValueInfoProto> inputs = new ArrayList<>();
    private final List<ValueInfoProto> outputs = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    /** The axis of a value that has a certain size. */
    private record SizeSource(String value, int axis) {}

    /** Reserves a name that users see and that must not change. */
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

    /** Makes a value an output with a reserved name. */
    void output(String value, ValueInfoProto described) {
        String name = described.getName();
        outputs.add(described);
        boolean taken = outputs.stream().anyMatch(o -> o.getName().equals(value));
        NodeProto.@Nullable Builder producer = taken ? null : producer(value);
        if (producer == null) {
            nodes.add(
                    NodeProto.newBuilder()
                            .setName(unique("Identity"))
                            .setOpType("Identity")
                            .addInput(value)
                            .addOutput(name));
            return;
        }
        producer.setOutput(0, name);
        for (NodeProto.Builder reader : nodes) {
            for (int i = 0; i < reader.getInputCount(); i++) {
                if (reader.getInput(i).equals(value)) {
                    reader.setInput(i, name);
                }
            }
        }
    }

    /** Returns the node that computes a value; null for an input or a tensor. */
    private NodeProto.@Nullable Builder producer(String value) {
        for (NodeProto.Builder node : nodes) {
            if (node.getOutput(0).equals(value)) {
                return node;
            }
        }
        return null;
    }

    /**
     * Adds a node with one result, and returns the result's name.
     *
     * @param type the operator
     * @param layer the path of the node's layer
     */
    String node(String type, String layer, List<String> operands, AttributeProto... attributes) {
        return node("", type, layer, operands, attributes);
    }

    /** Adds a node with several results, and returns their names. */
    List<String> results(String type, String layer, List<String> operands, int count) {
        List<String> results = new ArrayList<>();
        results.add(node(type, layer, operands));
        NodeProto.Builder added = nodes.get(nodes.size() - 1);
        while (results.size() < count) {
            results.add(unique(results.get(0)));
            added.addOutput(results.get(results.size() - 1));
        }
        return results;
    }

    /** Adds a node of an operator that only onnxruntime has. */
    String contributed(
            String type, String layer, List<String> operands, AttributeProto... attributes) {
        return node(CONTRIBUTED, type, layer, operands, attributes);
    }

    private String node(
            String domain,
            String type,
            String layer,
            List<String> operands,
            AttributeProto... attributes) {
        String name = unique(layer.isEmpty() ? type : layer + "/" + type);
        NodeProto.Builder node =
                NodeProto.newBuilder()
                        .setName(name)
                        .setOpType(type)
                        .addAllInput(operands)
                        .addOutput(name)
                        .addAllAttribute(Arrays.asList(attributes));
        if (!domain.isEmpty()) {
            node.setDomain(domain);
        }
        nodes.add(node);
        return name;
    }

    /** Returns the name of a constant. Equal constants are stored once. */
    String constant(TensorProto tensor) {
        return constants.computeIfAbsent(tensor, t -> unique("constant"));
    }

    /** Returns the name of a constant of any type. */
    String constant(double[] values, long[] dims, DataType type) {
        DataType stored = OnnxTypes.stored(type);
        String name = constant(OnnxTypes.tensor(values, dims, stored));
        return typed(name, "", stored, type);
    }

    /** Casts a value if its type differs. */
    String typed(String value, String layer, DataType from, DataType to) {
        AttributeProto type = OnnxTypes.attribute("to", (long) OnnxTypes.of(to));
        return from == to ? value : node("Cast", layer, List.of(value), type);
    }

    /** Stores a value's shape, from which open sizes can be read when the graph runs. */
    void recordShape(String value, Dims shape) {
        for (int axis = 0; axis < shape.dimension(); axis++) {
            sizeSources.putIfAbsent(shape.get(axis), new SizeSource(value, axis));
        }
    }

    /** Returns the name of a vector of integers. */
    String sizes(long... values) {
        return constant(OnnxTypes.tensor(values));
    }

    /** Returns the name of a vector of sizes, with open sizes computed from shapes. */
    String sizes(List<DimExpr> values) {
        if (values.stream().allMatch(DimExpr::isFixed)) {
            return sizes(values.stream().mapToLong(DimExpr::value).toArray());
        }
        List<String> parts =
                values.stream().map(v -> v.isFixed() ? sizes(v.value()) : dynamicSize(v)).toList();
        return parts.size() == 1
                ? parts.get(0)
                : node("Concat", "", parts, OnnxTypes.attribute("axis", 0L));
    }

    /** Returns an open size as a vector of one element. */
    private String dynamicSize(DimExpr size) {
        String known = sizes.get(size);
        if (known == null) {
            SizeSource source = sizeSources.get(size);
            known = source == null ? product(size) : read(source);
            sizes.put(size, known);
        }
        return known;
    }

    private String read(SizeSource source) {
        return node(
                "Shape",
                "",
                List.of(source.value),
                OnnxTypes.attribute("start", (long) source.axis),
                OnnxTypes.attribute("end", source.axis + 1L));
    }

    private String product(DimExpr size) {
        if (size.factor() == 1 && size.symbols().size() == 1) {
            throw new IllegalArgumentException(
                    "the open size %s must be the size of an input's axis, got inputs %s"
                            .formatted(
                                    size, inputs.stream().map(ValueInfoProto::getName).toList()));
        }
        String result = size.factor() == 1 ? null : sizes(size.factor());
        for (SymbolicDim symbol : size.symbols()) {
            String factor = dynamicSize(DimExpr.of(symbol));
            result = result == null ? factor : node("Mul", "", List.of(result, factor));
        }
        return Objects.requireNonNull(result);
    }

    /** Returns the graph without weights. */
    GraphProto.Builder proto() {
        GraphProto.Builder graph = GraphProto.newBuilder().setName("network");
        graph.addAllInput(inputs).addAllOutput(outputs);
        nodes.forEach(graph::addNode);
        constants.forEach((t, name) -> graph.addInitializer(t.toBuilder().setName(name)));
        return graph;
    }
}
