package io.residuum.emit.onnx;

import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.trace.Capture;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Translates a graph's nodes into operators of opset {@value #OPSET}. */
final class OnnxTranslation {
    /** The first opset with layer normalization. */
    static final int OPSET = 17;

    /** The IR version of that opset's ONNX release. */
    static final int IR_VERSION = 8;

    private final OnnxGraph onnx = new OnnxGraph();
    private final OnnxWeights weights;

    OnnxTranslation(Graph graph, OnnxWeights weights) {
        this.weights = weights;
        translate(graph);
    }

    OnnxGraph onnx() {
        return onnx;
    }

    /** Returns the weights, which are not in the ONNX graph, in order of use. */
    Collection<OnnxWeight> weights() {
        return weights.all();
    }

    private void translate(Graph graph) {
        List<String> outputs = graph.outputNames();
        graph.inputs().keySet().forEach(onnx::reserve);
        weights.all().forEach(weight -> onnx.reserve(weight.path()));
        outputs.forEach(onnx::reserve);
        Map<String, Node> inputs = new LinkedHashMap<>(graph.inputs());
        Node data = inputs.remove(Capture.DATA);
        if (data != null) {
            input(Capture.DATA, data);
        }
        inputs.forEach(this::input);
        Map<Node, String> values = new IdentityHashMap<>();
        for (Node node : graph.nodes()) {
            List<String> operands = node.inputs().stream().map(values::get).toList();
            String value =
                    node.operation().accept(new OnnxOperators(onnx, weights, node, operands));
            onnx.recordShape(value, node.shape());
            values.put(node, value);
        }
        for (int i = 0; i < outputs.size(); i++) {
            Node result = graph.outputs().get(i);
            String value = Objects.requireNonNull(values.get(result));
            onnx.output(value, OnnxTypes.described(outputs.get(i), result));
            values.put(result, outputs.get(i));
        }
    }

    private void input(String name, Node node) {
        onnx.input(OnnxTypes.described(name, node));
        onnx.recordShape(name, node.shape());
    }
}
