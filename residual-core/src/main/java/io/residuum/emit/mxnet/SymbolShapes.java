package io.residuum.emit.mxnet;

import ai.djl.ndarray.types.DataType;
import io.residuum.emit.mxnet.SymbolJson.Entry;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.ArrayList;
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

    /** The first node that needs an open size, other than the batch, as a number. */
    static Optional<Node> pinned(Graph graph) {
        return graph.nodes().stream().filter(SymbolShapes::isPinned).findFirst();
    }

    private static boolean isPinned(Node node) {
        Operation operation = node.operation();
        if (operation instanceof Operation.Slice s) {
            return s.from().isOpenBeyondBatch()
                    || s.to().isOpenBeyondBatch() && !isToEnd(node.input(0).shape(), s);
        }
        boolean counts =
                operation instanceof Operation.Reshape
                        || operation instanceof Operation.Expand
                        || operation instanceof Leaf.Fill
                        || operation instanceof Operation.Repeat
                        || operation instanceof Operation.Attention
                        || operation instanceof Operation.BatchNorm norm && norm.training()
                        || operation instanceof Operation.Product && node.shape().dimension() > 3;
        return counts && node.shape().isOpenBeyondBatch();
    }

    private static boolean isToEnd(Dims shape, Operation.Slice s) {
        return s.to().equals(shape.get(s.axis()));
    }

    /** An argument whose first axis is the batch. */
    void knowBatch(Entry argument, Dims shape, DataType type) {
        if (knowing == null && shape.dimension() > 0 && shape.get(0).equals(DimExpr.BATCH)) {
            knowing = argument;
            knowingType = type;
            knowingRank = shape.dimension();
        }
    }

    /** Concatenates: writing in place has no gradient, without which MXNet makes no program. */
    Entry writeLast(List<Entry> in, long rows) {
        // Products with both parts by themselves take as long as the copy.
        Entry kept =
                json.operation("slice_axis", in.subList(0, 1), "axis", 1, "begin", 0, "end", -rows);
        return concat(List.of(kept, in.get(1)), 1);
    }

    Entry concat(List<Entry> in, int axis) {
        return json.operation("Concat", in, "num_args", in.size(), "dim", axis);
    }

    Entry slice(Node node, List<Entry> in, Operation.Slice o) {
        Dims shape = node.input(0).shape();
        boolean toEnd = isToEnd(shape, o);
        if (o.from().hasBatch() || o.to().hasBatch() && !toEnd) {
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
    Entry expanded(Entry x, Dims from, Dims to, DataType type) {
        int rank = to.dimension();
        int added = rank - from.dimension();
        List<DimExpr> sizes = new ArrayList<>(Collections.nCopies(added, DimExpr.of(1)));
        sizes.addAll(from.sizes());
        Entry all = added == 0 ? x : symbols.reshaped(x, new Dims(sizes));
        List<Integer> repeated =
                IntStream.range(0, rank)
                        .filter(i -> !sizes.get(i).equals(to.get(i)))
                        .boxed()
                        .toList();
        List<Integer> fixed = repeated.stream().filter(i -> !to.get(i).hasBatch()).toList();
        if (!fixed.isEmpty()) {
            List<DimExpr> times = fixed.stream().map(to::get).toList();
            all = json.operation("broadcast_axis", List.of(all), "axis", fixed, "size", times);
        }
        for (int i : repeated) {
            if (to.get(i).hasBatch()) {
                all = overBatch(all, i, to.get(i).factor(), type);
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
                    Entry flat = symbols.reshaped(one, Dims.of(DimExpr.BATCH));
                    return knowingType == t ? flat : symbols.cast(flat, t);
                });
    }
}
