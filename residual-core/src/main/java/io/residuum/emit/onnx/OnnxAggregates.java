package io.residuum.emit.onnx;

import static io.residuum.emit.onnx.OnnxTypes.attribute;

import ai.onnx.proto.OnnxMl.AttributeProto;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Operation.Aggregate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What puts several values together: pooling, reductions, norms, softmax. */
final class OnnxAggregates implements Operators {
    private final OnnxGraph onnx;

    OnnxAggregates(OnnxGraph onnx) {
        this.onnx = onnx;
    }

    @Override
    public @Nullable String of(Node node, List<String> operands) {
        Operation operation = node.operation();
        String layer = node.layer();
        if (operation instanceof Operation.BatchNorm b && !b.training()) {
            AttributeProto eps = attribute("epsilon", (float) b.eps());
            return onnx.node("BatchNormalization", layer, operands, eps);
        }
        if (operation instanceof Operation.LayerNorm l) {
            AttributeProto eps = attribute("epsilon", (float) l.eps());
            return onnx.node("LayerNormalization", layer, operands, attribute("axis", -1L), eps);
        }
        if (operation instanceof Operation.Softmax s) {
            return onnx.node("Softmax", layer, operands, attribute("axis", (long) s.axis()));
        }
        if (operation instanceof Operation.Pool p) {
            return pool(node, operands, p);
        }
        if (operation instanceof Operation.GlobalPool g) {
            return switch (g.kind()) {
                case MAX -> onnx.node("GlobalMaxPool", layer, operands);
                case MEAN -> onnx.node("GlobalAveragePool", layer, operands);
                case SUM -> reduced(node, operands, Aggregate.SUM, List.of(2, 3), true);
            };
        }
        return operation instanceof Operation.Reduce r
                ? reduced(node, operands, r.kind(), r.axes(), r.keep())
                : null;
    }

    private String pool(Node node, List<String> operands, Operation.Pool p) {
        AttributeProto kernel = attribute("kernel_shape", p.kernel().getShape());
        AttributeProto strides = attribute("strides", p.stride().getShape());
        AttributeProto pads = attribute("pads", OnnxTypes.bothSides(p.padding()));
        if (p.kind() == Aggregate.MAX) {
            return onnx.node("MaxPool", node.layer(), operands, kernel, strides, pads);
        }
        AttributeProto padded = attribute("count_include_pad", 1L);
        String mean =
                onnx.node("AveragePool", node.layer(), operands, kernel, strides, pads, padded);
        if (p.kind() == Aggregate.MEAN) {
            return mean;
        }
        double[] places = {p.kernel().size()};
        String times = onnx.constant(places, new long[0], node.type());
        return onnx.node("Mul", node.layer(), List.of(mean, times));
    }

    /** At this opset the axes of a sum are an operand, those of the others an attribute. */
    private String reduced(
            Node node, List<String> operands, Aggregate kind, List<Integer> axes, boolean keep) {
        long[] along = axes.stream().mapToLong(i -> i).toArray();
        AttributeProto kept = attribute("keepdims", keep ? 1L : 0L);
        if (kind == Aggregate.SUM) {
            List<String> both = List.of(operands.get(0), onnx.sizes(along));
            return onnx.node("ReduceSum", node.layer(), both, kept);
        }
        String type = kind == Aggregate.MAX ? "ReduceMax" : "ReduceMean";
        return onnx.node(type, node.layer(), operands, attribute("axes", along), kept);
    }
}
