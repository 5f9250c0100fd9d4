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
 * The dependence of a constant on open sizes. Along each axis of an open size, a constant is a
 * prefix of the longest one. An axis may also hold several blocks, each of them such a prefix.
 */
record ConstantPrefixes(Dims shape, List<Axis> axes) {
    /** An axis; an axis of blocks becomes two: the blocks and the positions in a block. */
    private record Axis(long longest, DimExpr open) {
        boolean isOpen() {
            return !open.isFixed();
        }
    }

    /**
     * Splits a shape into axes.
     *
     * @param shape the constant's shape, with open sizes
     * @param longest its shape with the longest value of each size
     * @return empty if an axis is not an open size times a number of blocks
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

    boolean isPrefix(Node longest, Node shorter) {
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

    /** Slices each open axis of the longest constant to the size of the run. */
    Node slice(Node longest) {
        Dims dims = new Dims(axes.stream().map(a -> DimExpr.of(a.longest)).toList());
        Node sliced = node(longest.operation(), List.of(), dims, longest);
        for (int axis = 0; axis < axes.size(); axis++) {
            if (axes.get(axis).isOpen()) {
                DimExpr open = axes.get(axis).open;
                dims = dims.with(axis, open);
                Operation slice = new Operation.Slice(axis, DimExpr.of(0), open, 1);
                sliced = node(slice, List.of(sliced), dims, longest);
            }
        }
        return dims.dimension() == shape.dimension()
                ? sliced
                : node(new Operation.Reshape(), List.of(sliced), shape, longest);
    }

    private static Node node(Operation operation, List<Node> inputs, Dims shape, Node like) {
        return new Node(operation, inputs, shape, like.type(), like.layer());
    }
}
