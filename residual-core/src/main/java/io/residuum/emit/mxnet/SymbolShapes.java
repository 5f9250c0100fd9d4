package io.residuum.emit.mxnet;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.emit.mxnet.SymbolJson.Entry;
import io.residuum.graph.Batch;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Operations that only move elements, with a batch that is known when the symbol runs. */
final class SymbolShapes {
    private final SymbolJson json;
    private final Symbols symbols;
    private final Map<DataType, Entry> samples = new HashMap<>();
    private @Nullable Entry knowing;
    private @Nullable DataType knowingType;
    private int knowingRank;

    SymbolShapes(SymbolJson json, Symbols symbols) {
        this.json = json;
        this.symbols = symbols;
    }

    /** The first node that needs a free size, other than the batch, as a number. */
    static Optional<Node> pinned(Graph graph) {
        return graph.nodes().stream().filter(SymbolShapes::isPinned).findFirst();
    }

    private static boolean isPinned(Node node) {
        Operation operation = node.operation();
        if (operation instanceof Operation.Slice s) {
            long size = node.input(0).shape().get(s.axis());
            return DimExpr.isFreeBeyondBatch(s.from())
                    || DimExpr.isFreeBeyondBatch(s.to()) && s.to() != size;
        }
        boolean counts =
                operation instanceof Operation.Reshape
                        || operation instanceof Operation.Expand
                        || operation instanceof Operation.Fill
                        || operation instanceof Operation.Repeat
                        || operation instanceof Operation.Attention
                        || operation instanceof Operation.BatchNorm norm && norm.training()
                        || operation instanceof Operation.Product && node.shape().dimension() > 3;
        return counts
                && Arrays.stream(node.shape().getShape()).anyMatch(DimExpr::isFreeBeyondBatch);
    }

    /** An argument whose first axis is the batch. */
    void knowBatch(Entry argument, Shape shape, DataType type) {
        if (knowing == null && shape.dimension() > 0 && shape.get(0) == Batch.SIZE) {
            knowing = argument;
            knowingType = type;
            knowingRank = shape.dimension();
        }
    }

    Entry moved(Node node, List<Entry> in) {
        Operation operation = node.operation();
        if (operation instanceof Operation.Reshape) {
            return symbols.reshaped(in.get(0), node.shape());
        }
        if (operation instanceof Operation.Expand) {
            return expanded(in.get(0), node.input(0).shape(), node.shape(), node.type());
        }
        if (operation instanceof Operation.Transpose o) {
            return json.operation("transpose", in, "axes", o.order());
        }
        if (operation instanceof Operation.Slice o) {
            return slice(node, in, o);
        }
        if (operation instanceof Operation.Concat o) {
            return json.operation("Concat", in, "num_args", in.size(), "dim", o.axis());
        }
        if (operation instanceof Operation.WriteLast o) {
            // What writes in place has no gradient, without which MXNet makes no program; products
            // with both parts by themselves take as long as the copy.
            Entry kept =
                    json.operation(
                            "slice_axis",
                            in.subList(0, 1),
                            "axis",
                            1,
                            "begin",
                            0,
                            "end",
                            -o.rows());
            return json.operation("Concat", List.of(kept, in.get(1)), "num_args", 2, "dim", 1);
        }
        if (operation instanceof Operation.Repeat o) {
            return json.operation("repeat", in, "repeats", o.times(), "axis", o.axis());
        }
        if (operation instanceof Operation.ChannelsLast) {
            // oneDNN lays images out as its kernels want them.
            return in.get(0);
        }
        throw new IllegalArgumentException(
                "an operation must be one that is written for MXNet, got " + operation);
    }

    private Entry slice(Node node, List<Entry> in, Operation.Slice o) {
        Shape shape = node.input(0).shape();
        boolean toEnd = o.to() == shape.get(o.axis());
        if (Batch.isIn(o.from()) || (Batch.isIn(o.to()) && !toEnd)) {
            throw new IllegalArgumentException(
                    "a slice must begin and end where the batch does not matter, got "
                            + o
                            + " in the layer "
                            + node.layer());
        }
        Object end = toEnd ? "None" : o.to();
        if (o.step() == 1) {
            return json.operation(
                    "slice_axis", in, "axis", o.axis(), "begin", o.from(), "end", end);
        }
        int rank = shape.dimension();
        return json.operation(
                "slice",
                in,
                "begin",
                along(rank, o.axis(), o.from()),
                "end",
                along(rank, o.axis(), end),
                "step",
                along(rank, o.axis(), o.step()));
    }

    private static List<Object> along(int rank, int axis, Object value) {
        List<Object> all = new ArrayList<>(Collections.nCopies(rank, "None"));
        all.set(axis, value);
        return all;
    }

    /** Repeats axes of one, as they broadcast. */
    Entry expanded(Entry x, Shape from, Shape to, DataType type) {
        int rank = to.dimension();
        int added = rank - from.dimension();
        long[] dims = new long[rank];
        Arrays.fill(dims, 1);
        System.arraycopy(from.getShape(), 0, dims, added, from.dimension());
        Entry all = added == 0 ? x : symbols.reshaped(x, new Shape(dims));
        List<Integer> fixed =
                IntStream.range(0, rank)
                        .filter(i -> dims[i] != to.get(i) && !Batch.isIn(to.get(i)))
                        .boxed()
                        .toList();
        if (!fixed.isEmpty()) {
            List<Long> sizes = fixed.stream().map(to::get).toList();
            all = json.operation("broadcast_axis", List.of(all), "axis", fixed, "size", sizes);
        }
        for (int i = 0; i < rank; i++) {
            if (dims[i] != to.get(i) && Batch.isIn(to.get(i))) {
                all = overBatch(all, i, to.get(i) / Batch.SIZE, type);
            }
        }
        return all;
    }

    /** Repeats an axis of one as often as a multiple of the batch says. */
    private Entry overBatch(Entry x, int axis, long times, DataType type) {
        Entry repeated =
                json.operation(
                        "broadcast_like",
                        List.of(x, samples(type)),
                        "lhs_axes",
                        List.of(axis),
                        "rhs_axes",
                        List.of(0));
        return times == 1
                ? repeated
                : json.operation("repeat", List.of(repeated), "repeats", times, "axis", axis);
    }

    /** One number for each sample of the batch. */
    private Entry samples(DataType type) {
        return samples.computeIfAbsent(
                type,
                t -> {
                    if (knowing == null) {
                        throw new IllegalArgumentException(
                                "a graph whose shapes depend on the batch must have an input that"
                                        + " begins with it");
                    }
                    List<Object> ends = new ArrayList<>(Collections.nCopies(knowingRank, 1));
                    ends.set(0, "None");
                    Entry one =
                            json.operation(
                                    "slice",
                                    List.of(symbols.constant(knowing)),
                                    "begin",
                                    Collections.nCopies(knowingRank, 0),
                                    "end",
                                    ends);
                    Entry flat = symbols.reshaped(one, new Shape(Batch.SIZE));
                    return knowingType == t ? flat : symbols.cast(flat, t);
                });
    }
}
