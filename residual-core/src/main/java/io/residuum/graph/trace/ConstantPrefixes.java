package io.residuum.graph.trace;

import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The dependence of a constant on open sizes: each axis of an open size, or each of several blocks
 * on top of each other in an axis, is the beginning of a longer one.
 */
final class ConstantPrefixes {
    private final Dims shape;
    private final List<Axis> axes;

    /** An axis, or one of the two that an axis of blocks is. */
    private record Axis(long longest, DimExpr open) {
        boolean isCut() {
            return !open.isFixed();
        }
    }

    private ConstantPrefixes(Dims shape, List<Axis> axes) {
        this.shape = shape;
        this.axes = axes;
    }

    /**
     * Takes a shape apart.
     *
     * @param shape of the constant, with open sizes
     * @param longest its shape where all of them are longest
     * @return nothing if an axis is neither of an open size nor of a number of blocks of one
     */
    static Optional<ConstantPrefixes> of(Dims shape, Dims longest) {
        if (shape.dimension() != longest.dimension()) {
            return Optional.empty();
        }
        List<Axis> axes = new ArrayList<>();
        for (int i = 0; i < shape.dimension(); i++) {
            DimExpr size = shape.get(i);
            long all = longest.get(i).value();
            if (size.symbols().size() > 1 || all % size.factor() != 0) {
                return Optional.empty();
            }
            if (size.isFixed()) {
                axes.add(new Axis(all, DimExpr.of(all)));
            } else {
                if (size.factor() > 1) {
                    axes.add(new Axis(size.factor(), DimExpr.of(size.factor())));
                }
                axes.add(new Axis(all / size.factor(), DimExpr.of(size.symbols().get(0))));
            }
        }
        return Optional.of(new ConstantPrefixes(shape, axes));
    }

    /** Returns true if a shorter constant is the beginning of the longest. */
    boolean begin(Node longest, Node shorter) {
        double[] all = values(longest);
        double[] some = values(shorter);
        long[] dims = new long[axes.size()];
        int d = 0;
        for (int i = 0; i < shape.dimension(); i++) {
            long size = shorter.shape().get(i).value();
            long factor = shape.get(i).factor();
            boolean open = !shape.get(i).isFixed();
            if (open && factor > 1) {
                dims[d++] = factor;
            }
            dims[d++] = open ? size / factor : size;
        }
        int row = Math.toIntExact(dims[dims.length - 1]);
        for (int i = 0; i < some.length; i += row) {
            long rest = i / row;
            long at = 0;
            long stride = axes.get(dims.length - 1).longest;
            for (int axis = dims.length - 2; axis >= 0; axis--) {
                at += rest % dims[axis] * stride;
                rest /= dims[axis];
                stride *= axes.get(axis).longest;
            }
            int from = Math.toIntExact(at);
            if (!Arrays.equals(some, i, i + row, all, from, from + row)) {
                return false;
            }
        }
        return true;
    }

    private static double[] values(Node constant) {
        return ((Leaf.Constant) constant.operation()).values();
    }

    /** The beginning of each axis, as long as the run needs it. */
    Node cut(Node longest) {
        Dims dims = new Dims(axes.stream().map(a -> DimExpr.of(a.longest)).toList());
        Node cut = node(longest.operation(), List.of(), dims, longest);
        for (int axis = 0; axis < axes.size(); axis++) {
            if (axes.get(axis).isCut()) {
                DimExpr open = axes.get(axis).open;
                dims = dims.with(axis, open);
                Operation slice = new Operation.Slice(axis, DimExpr.of(0), open, 1);
                cut = node(slice, List.of(cut), dims, longest);
            }
        }
        return dims.dimension() == shape.dimension()
                ? cut
                : node(new Operation.Reshape(), List.of(cut), shape, longest);
    }

    private static Node node(Operation operation, List<Node> inputs, Dims shape, Node like) {
        return new Node(operation, inputs, shape, like.type(), like.layer());
    }
}
