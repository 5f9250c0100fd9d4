package io.residuum.emit.mxnet;

import ai.djl.ndarray.types.DataType;
import io.residuum.emit.mxnet.SymbolJson.Entry;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.Resize;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Writes operations that only move elements, for a batch size known when the symbol runs. */
final class SymbolShapes {
    private final SymbolJson json;
    private final Symbols symbols;
    private final Map<DataType, Entry> samples = new HashMap<>();
    private @Nullable Entry batchInput;
    private @Nullable DataType batchInputType;
    private int batchInputRank;

    SymbolShapes(SymbolJson json, Symbols symbols) {
        this.json = json;
        this.symbols = symbols;
    }

    /** Returns the first node that needs an open size as a number, other than the batch. */
    static Optional<Node> needingFixedSize(Graph graph) {
        return graph.nodes().stream().filter(SymbolShapes::needsFixedSize).findFirst();
    }

    private static boolean needsFixedSize(Node node) {
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
                        || operation instanceof Resize
                        || operation instanceof Operation.Attention
                        || operation instanceof Operation.BatchNorm norm && norm.training()
                        || operation instanceof Operation.Product && node.shape().dimension() > 3;
        return counts && node.shape().isOpenBeyondBatch();
    }

    private static boolean isToEnd(Dims shape, Operation.Slice s) {
        return s.to().equals(shape.get(s.axis()));
    }

    /** Stores the first argument whose first axis is the batch. */
    void recordBatchInput(Entry argument, Dims shape, DataType type) {
        if (batchInput == null && shape.dimension() > 0 && shape.get(0).equals(DimExpr.BATCH)) {
            batchInput = argument;
            batchInputType = type;
            batchInputRank = shape.dimension();
        }
    }

    /** Concatenates: MXNet compiles no program with in-place writes, which lack a gradient. */
    Entry writeLast(List<Entry> in, long rows) {
        // Separate products with both parts would take as long as this copy.
        Entry kept =
                json.operation("slice_axis", in.subList(0, 1), "axis", 1, "begin", 0, "end", -rows);
        return json.operation("Concat", List.of(kept, in.get(1)), "num_args", 2, "dim", 1);
    }

    /**
     * Reshapes.
     *
     * @param fused true if no gradients are needed
     */
    Entry reshaped(Node node, Entry in, boolean fused) {
        // The gradient of an image may be in oneDNN's memory layout. A reshape passes on a view of
        // it, which a product refuses. The gradient of a slice is a copy.
        Entry reshaped = symbols.reshaped(in, node.shape());
        boolean productAsImage =
                node.shape().dimension() == 4
                        && node.input(0).operation() instanceof Operation.Product;
        return productAsImage && !fused
                ? json.operation(
                        "slice_axis", List.of(reshaped), "axis", 0, "begin", 0, "end", "None")
                : reshaped;
    }

    /**
     * Concatenates.
     *
     * @param fused true if no gradients are needed
     */
    Entry concat(Node node, List<Entry> in, int axis, boolean fused) {
        // oneDNN keeps the channels of an image in blocks. Cutting a gradient within a block ends
        // the process.
        boolean cutsBlocks =
                !fused && axis == 1 && node.shape().dimension() == 4 && cutsBlocks(node);
        return cutsBlocks
                ? json.operation("_npi_concatenate", in, "num_args", in.size(), "axis", axis)
                : json.operation("Concat", in, "num_args", in.size(), "dim", axis);
    }

    /** Returns true if parts of an image's channels begin within a block of 8 or 16. */
    private static boolean cutsBlocks(Node image) {
        DimExpr channels = image.shape().get(1);
        if (!channels.isFixed()) {
            return true;
        }
        int block = channels.value() % 16 == 0 ? 16 : 8;
        return channels.value() % block == 0
                && image.inputs().stream().anyMatch(x -> x.shape().get(1).value() % block != 0);
    }

    Entry slice(Node node, List<Entry> in, Operation.Slice o) {
        Dims shape = node.input(0).shape();
        boolean toEnd = isToEnd(shape, o);
        if (o.from().hasBatch() || o.to().hasBatch() && !toEnd) {
            throw new IllegalArgumentException(
                    ("for MXNet the limits of a slice must not depend on the batch, got %s in"
                                    + " layer %s")
                            .formatted(o, node.layer()));
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
                onAxis(rank, o.axis(), o.from()),
                "end",
                onAxis(rank, o.axis(), end),
                "step",
                onAxis(rank, o.axis(), o.step()));
    }

    private static List<Object> onAxis(int rank, int axis, Object value) {
        List<Object> all = new ArrayList<>(Collections.nCopies(rank, "None"));
        all.set(axis, value);
        return all;
    }

    /** Broadcasts axes of size one. */
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

    /** Repeats an axis of size one to {@code times} the batch. */
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

    /** Returns a vector with one element per sample of the batch. */
    private Entry samples(DataType type) {
        return samples.computeIfAbsent(
                type,
                t -> {
                    if (batchInput == null) {
                        throw new IllegalArgumentException(
                                "a graph whose shapes depend on the batch must have an input with"
                                        + " the batch as its first axis, got none");
                    }
                    List<Object> ends = new ArrayList<>(Collections.nCopies(batchInputRank, 1));
                    ends.set(0, "None");
                    Entry one =
                            json.operation(
                                    "slice",
                                    List.of(symbols.blockGradient(batchInput)),
                                    "begin",
                                    Collections.nCopies(batchInputRank, 0),
                                    "end",
                                    ends);
                    Entry flat = symbols.reshaped(one, Dims.of(DimExpr.BATCH));
                    return batchInputType == t ? flat : symbols.cast(flat, t);
                });
    }
}
