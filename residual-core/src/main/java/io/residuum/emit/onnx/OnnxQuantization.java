package io.residuum.emit.onnx;

import ai.djl.ndarray.types.DataType;
import io.residuum.graph.FakeQuantize;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Writes weights and activations as integers between QuantizeLinear and DequantizeLinear, the form
 * from which runtimes make operators of 8 bits.
 *
 * @param paths the weights to store as int8, with a scale for each output
 * @param values the values of weights by path
 */
record OnnxQuantization(Set<String> paths, Function<String, float[]> values) {

    boolean isQuantized(Node node) {
        return node.operation() instanceof Leaf.Weight weight && paths.contains(weight.path());
    }

    private double[] scales(Node weight) {
        String path = ((Leaf.Weight) weight.operation()).path();
        return new OnnxWeight(path, weight.shape().fixed(), false, true).scales(values);
    }

    /** Returns the name of a weight as floats. */
    String weight(OnnxGraph onnx, Node node, boolean transposed) {
        double[] scales = scales(node);
        long[] dims = {scales.length};
        String path = ((Leaf.Weight) node.operation()).path();
        String scale = onnx.constant(OnnxTypes.tensor(scales, dims, DataType.FLOAT32));
        String zero =
                onnx.constant(OnnxTypes.tensor(new double[scales.length], dims, DataType.INT8));
        return onnx.node(
                "DequantizeLinear",
                node.layer(),
                List.of(path, scale, zero),
                OnnxTypes.attribute("axis", transposed ? 1L : 0L));
    }

    /** Returns the name of an activation, rounded to 8 bits. */
    static String rounded(OnnxGraph onnx, Node node, String x, FakeQuantize o) {
        long[] scalar = {};
        String scale =
                onnx.constant(OnnxTypes.tensor(new double[] {o.scale()}, scalar, DataType.FLOAT32));
        String zero =
                onnx.constant(
                        OnnxTypes.tensor(new double[] {o.zeroPoint()}, scalar, DataType.UINT8));
        String q = onnx.node("QuantizeLinear", node.layer(), List.of(x, scale, zero));
        return onnx.node("DequantizeLinear", node.layer(), List.of(q, scale, zero));
    }

    /** Returns the biases that only layers of 8 bits read. */
    Set<Node> integerBiases(Graph graph) {
        Set<Node> found = Collections.newSetFromMap(new IdentityHashMap<>());
        Map<Node, List<Node>> readers = graph.readers();
        for (Node node : graph.nodes()) {
            List<Node> by = readers.getOrDefault(node, List.of());
            if (node.operation() instanceof Leaf.Weight
                    && !by.isEmpty()
                    && !graph.outputs().contains(node)
                    && by.stream()
                            .allMatch(r -> hasIntegerBias(r) && r.inputs().indexOf(node) == 2)) {
                found.add(node);
            }
        }
        return found;
    }

    /** Runtimes add the bias to the sums of integers. A product of matrices has none. */
    private boolean hasIntegerBias(Node node) {
        boolean adds =
                node.operation() instanceof Operation.Convolution
                        || node.operation() instanceof Operation.Linear
                                && node.shape().dimension() == 2;
        return adds
                && node.inputs().size() == 3
                && node.input(0).operation() instanceof FakeQuantize
                && isQuantized(node.input(1))
                && node.input(2).operation() instanceof Leaf.Weight;
    }

    /** Returns the operands of a layer, with an integer bias if its other operands are integers. */
    List<String> withIntegerBias(OnnxGraph onnx, Node node, List<String> in) {
        if (!hasIntegerBias(node)) {
            return in;
        }
        FakeQuantize input = (FakeQuantize) node.input(0).operation();
        double[] scales = scales(node.input(1));
        float[] bias = values.apply(((Leaf.Weight) node.input(2).operation()).path());
        double[] integers = new double[bias.length];
        for (int i = 0; i < bias.length; i++) {
            scales[i] = (float) (scales[i] * input.scale());
            double nearest = Math.rint(bias[i] / scales[i]);
            integers[i] = Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, nearest));
        }
        long[] dims = {bias.length};
        String stored = onnx.constant(OnnxTypes.tensor(integers, dims, DataType.INT32));
        String scale = onnx.constant(OnnxTypes.tensor(scales, dims, DataType.FLOAT32));
        List<String> changed = new ArrayList<>(in);
        changed.set(
                2,
                onnx.node(
                        "DequantizeLinear",
                        node.layer(),
                        List.of(stored, scale),
                        OnnxTypes.attribute("axis", 0L)));
        return changed;
    }
}
