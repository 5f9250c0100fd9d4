package io.residuum.emit.onnx;

import static io.residuum.emit.onnx.OnnxTypes.attribute;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.graph.Batch;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The operations that move values and compute none. */
final class OnnxArrangements implements Operators {
    private final OnnxGraph onnx;

    OnnxArrangements(OnnxGraph onnx) {
        this.onnx = onnx;
    }

    @Override
    public @Nullable String of(Node node, List<String> operands) {
        Operation operation = node.operation();
        String layer = node.layer();
        if (operation instanceof Operation.ChannelsLast) {
            return operands.get(0);
        }
        if (operation instanceof Operation.Reshape) {
            return reshaped(operands.get(0), node, node.input(0).shape());
        }
        if (operation instanceof Operation.Expand) {
            Shape from = node.input(0).shape();
            return expanded(operands.get(0), from, node.shape(), layer);
        }
        if (operation instanceof Operation.Transpose t) {
            long[] order = t.order().stream().mapToLong(i -> i).toArray();
            return onnx.node("Transpose", layer, operands, attribute("perm", order));
        }
        if (operation instanceof Operation.Concat c) {
            return onnx.node("Concat", layer, operands, attribute("axis", (long) c.axis()));
        }
        if (operation instanceof Operation.Slice s) {
            return slice(operands.get(0), node, s);
        }
        if (operation instanceof Operation.Embedding) {
            return rows(node, operands);
        }
        return operation instanceof Operation.Repeat r ? repeated(operands.get(0), node, r) : null;
    }

    /** Of the free sizes those that stay are 0, the last of the others is open. */
    private String reshaped(String value, Node node, Shape from) {
        long[] dims = node.shape().getShape().clone();
        int open = -1;
        for (int axis = 0; axis < dims.length; axis++) {
            boolean stays = axis < from.dimension() && from.get(axis) == dims[axis];
            if (DimExpr.isFree(dims[axis])) {
                dims[axis] = stays ? 0 : dims[axis];
                open = stays ? open : axis;
            }
        }
        if (open >= 0) {
            dims[open] = -1;
        }
        return onnx.node("Reshape", node.layer(), List.of(value, onnx.sizes(dims)));
    }

    /** Sizes that stay are given as 1, which the operator takes for any. */
    private String expanded(String value, Shape from, Shape to, String layer) {
        long[] dims = to.getShape().clone();
        int added = to.dimension() - from.dimension();
        for (int i = added; i < dims.length; i++) {
            if (dims[i] == from.get(i - added)) {
                dims[i] = 1;
            }
        }
        return onnx.node("Expand", layer, List.of(value, onnx.sizes(dims)));
    }

    private String slice(String value, Node node, Operation.Slice s) {
        boolean ofBatch = Batch.isIn(node.input(0).shape().get(s.axis()));
        if (ofBatch && !(whole(s.from()) && whole(s.to()))) {
            throw new IllegalArgumentException(
                    "a slice along the batch must begin and end with a whole batch to become"
                            + " ONNX, found "
                            + node
                            + (node.layer().isEmpty() ? "" : " at " + node.layer()));
        }
        List<String> operands =
                List.of(
                        value,
                        onnx.sizes(s.from()),
                        onnx.sizes(s.to()),
                        onnx.sizes(s.axis()),
                        onnx.sizes(s.step()));
        return onnx.node("Slice", node.layer(), operands);
    }

    private static boolean whole(long size) {
        return size % Batch.SIZE == 0;
    }

    private String rows(Node node, List<String> operands) {
        DataType type = node.input(0).type();
        DataType index = type == DataType.INT32 ? type : DataType.INT64;
        String ids = onnx.typed(operands.get(0), node.layer(), type, index);
        return onnx.node(
                "Gather", node.layer(), List.of(operands.get(1), ids), attribute("axis", 0L));
    }

    /** An axis of one behind the repeated one is expanded, and both are made one. */
    private String repeated(String value, Node node, Operation.Repeat r) {
        Shape from = node.input(0).shape();
        Shape split = from.slice(0, r.axis() + 1).add(1).addAll(from.slice(r.axis() + 1));
        Shape wide = from.slice(0, r.axis() + 1).add(r.times()).addAll(from.slice(r.axis() + 1));
        List<String> operands = List.of(value, onnx.sizes(r.axis() + 1L));
        String open = onnx.node("Unsqueeze", node.layer(), operands);
        return reshaped(expanded(open, split, wide, node.layer()), node, wide);
    }
}
