package io.residuum.emit.onnx;

import com.google.common.collect.Iterables;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.ArrayList;
import java.util.List;

/** Writes operators that have sizes as operands. */
record OnnxShapes(OnnxGraph onnx, Node node) {
    private static final DimExpr ONE = DimExpr.of(1);

    private String of(String type, String... operands) {
        return onnx.node(type, node.layer(), List.of(operands));
    }

    /**
     * Writes 0 for unchanged open sizes. If others change, one is -1, which the runtime computes:
     * the batch, or the last one of a shape without a batch. An empty batch does not tell other
     * sizes.
     */
    String reshaped(String value, Dims from) {
        List<DimExpr> to = node.shape().sizes();
        List<DimExpr> sizes = new ArrayList<>(to);
        int computed = -1;
        for (int axis = 0; axis < to.size(); axis++) {
            DimExpr size = to.get(axis);
            if (size.isFixed()) {
                continue;
            }
            if (axis < from.dimension() && from.get(axis).equals(size)) {
                sizes.set(axis, DimExpr.of(0));
            } else {
                computed = axis;
            }
        }
        if (computed >= 0) {
            int batch = Iterables.indexOf(to, DimExpr::hasBatch);
            sizes.set(batch < 0 ? computed : batch, DimExpr.of(-1));
        }
        return of("Reshape", value, onnx.sizes(sizes));
    }

    /** Writes 1 for unchanged sizes, which the operator accepts for any size. */
    String expanded(String value, Dims from, Dims to) {
        int added = to.dimension() - from.dimension();
        List<DimExpr> sizes = new ArrayList<>(to.sizes());
        for (int i = added; i < sizes.size(); i++) {
            if (sizes.get(i).equals(from.get(i - added))) {
                sizes.set(i, ONE);
            }
        }
        return of("Expand", value, onnx.sizes(sizes));
    }

    String sliced(String value, Operation.Slice s) {
        boolean ofBatch = node.input(0).shape().get(s.axis()).hasBatch();
        if (ofBatch && !(isWhole(s.from()) && isWhole(s.to()))) {
            throw new IllegalArgumentException(
                    ("for ONNX a slice along the batch must begin and end at a multiple of the"
                                    + " batch, got %s%s")
                            .formatted(node, node.layer().isEmpty() ? "" : " at " + node.layer()));
        }
        return of(
                "Slice",
                value,
                onnx.sizes(List.of(s.from())),
                onnx.sizes(List.of(s.to())),
                onnx.sizes(s.axis()),
                onnx.sizes(s.step()));
    }

    private static boolean isWhole(DimExpr size) {
        return size.hasBatch() || size.equals(DimExpr.of(0));
    }

    /** Expands a new axis after the repeated one, then merges both. */
    String repeated(String value, Operation.Repeat r) {
        Dims from = node.input(0).shape();
        Dims until = from.slice(0, r.axis() + 1);
        Dims behind = from.slice(r.axis() + 1);
        Dims wide = until.add(r.times()).addAll(behind);
        String open = of("Unsqueeze", value, onnx.sizes(r.axis() + 1L));
        return reshaped(expanded(open, until.add(ONE).addAll(behind), wide), wide);
    }
}
