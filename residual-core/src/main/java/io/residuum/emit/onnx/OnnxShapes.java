package io.residuum.emit.onnx;

import static io.residuum.emit.onnx.OnnxTypes.attribute;

import ai.djl.ndarray.types.DataType;
import com.google.common.collect.Iterables;
import io.residuum.engine.Interpolation;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.ArrayList;
import java.util.Arrays;
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

    /**
     * Interpolates by scales if there are any, otherwise to the node's size. Runtimes round scales
     * to float32 and may read another nearest pixel, except for whole scales.
     */
    String resized(String value, Interpolation o) {
        boolean whole = isWhole(o.rowScale()) && isWhole(o.columnScale());
        if (o.mode() == Interpolation.Mode.NEAREST && !whole) {
            return gathered(gathered(value, 2, o, o.rowScale()), 3, o, o.columnScale());
        }
        String mode =
                switch (o.mode()) {
                    case NEAREST -> "nearest";
                    case BILINEAR -> "linear";
                    case BICUBIC -> "cubic";
                };
        String coordinates =
                o.mode() == Interpolation.Mode.NEAREST
                        ? "asymmetric"
                        : o.alignCorners() ? "align_corners" : "half_pixel";
        double[] scales = {1, 1, o.rowScale(), o.columnScale()};
        List<String> operands =
                o.rowScale() > 0
                        ? List.of(
                                value, "", onnx.constant(scales, new long[] {4}, DataType.FLOAT32))
                        : List.of(value, "", "", onnx.sizes(node.shape().sizes()));
        return onnx.node(
                "Resize",
                node.layer(),
                operands,
                attribute("mode", mode),
                attribute("coordinate_transformation_mode", coordinates),
                attribute("nearest_mode", "floor"),
                attribute("cubic_coeff_a", -0.75f));
    }

    private static boolean isWhole(double scale) {
        return scale > 0 && scale == Math.rint(scale);
    }

    /** Looks up the nearest position of each new one. */
    private String gathered(String value, int axis, Interpolation o, double scale) {
        DimExpr in = node.input(0).shape().get(axis);
        DimExpr out = node.shape().get(axis);
        if (!in.isFixed() || !out.isFixed()) {
            throw new IllegalArgumentException(
                    "for ONNX the nearest interpolation of images of any size needs a whole scale, got %s at %s: fix the image size"
                            .formatted(o, node.layer()));
        }
        int[] from = o.nearest(Math.toIntExact(in.value()), Math.toIntExact(out.value()), scale);
        String indices = onnx.sizes(Arrays.stream(from).asLongStream().toArray());
        return onnx.node(
                "Gather", node.layer(), List.of(value, indices), attribute("axis", (long) axis));
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
