package io.residuum.emit.mxnet;

import ai.djl.ndarray.types.DataType;
import io.residuum.emit.mxnet.SymbolJson.Entry;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import java.util.List;

/**
 * Writes layer norms as batch norms, whose gradients MXNet computes in a half of the time: one
 * whose channels are the rows, and one with mean 0 and variance 1 for the factors and offsets.
 */
final class SymbolNorms {
    private static final DimExpr ONE = DimExpr.of(1);

    private final SymbolJson json;
    private final Symbols symbols;
    private final Constants constants;

    /** Adds an argument for a constant, whose shape may depend on the batch. */
    interface Constants {
        Entry add(Leaf values, Dims shape, DataType type);
    }

    SymbolNorms(SymbolJson json, Symbols symbols, Constants constants) {
        this.json = json;
        this.symbols = symbols;
        this.constants = constants;
    }

    /** Returns true if the sizes and the type of a layer norm allow it. */
    static boolean isTrainable(Node norm) {
        return norm.type() == DataType.FLOAT32 && !norm.shape().isOpenBeyondBatch();
    }

    /**
     * Normalizes the last axis.
     *
     * @param in the input, factors and offsets
     */
    Entry layerNorm(List<Entry> in, Node node, double eps) {
        Dims shape = node.shape();
        int last = shape.dimension() - 1;
        DimExpr rows = shape.slice(0, last).size();
        DimExpr width = shape.get(last);
        Entry channels = symbols.reshaped(in.get(0), new Dims(List.of(ONE, rows, width, ONE)));
        Entry normal = batchNorm(channels, filled(1, rows), filled(0, rows), rows, eps, false);
        boolean plain = isFilled(node.input(1), 1) && isFilled(node.input(2), 0);
        if (plain) {
            return symbols.reshaped(normal, shape);
        }
        Entry flat = symbols.reshaped(normal, new Dims(List.of(rows, width, ONE, ONE)));
        return symbols.reshaped(batchNorm(flat, in.get(1), in.get(2), width, 0, true), shape);
    }

    private static boolean isFilled(Node node, double value) {
        return node.operation() instanceof Leaf.Fill fill && fill.value() == value;
    }

    /** Normalizes axis 1, by mean 0 and variance 1 if these are given. */
    private Entry batchNorm(
            Entry x, Entry gamma, Entry beta, DimExpr channels, double eps, boolean given) {
        // No other operation may read what MXNet takes for running statistics.
        List<Entry> in = List.of(x, gamma, beta, filled(0, channels), filled(1, channels));
        return json.operation(
                "BatchNorm",
                in,
                "eps",
                eps,
                "momentum",
                1,
                "fix_gamma",
                false,
                "use_global_stats",
                given,
                // Keeps oneDNN away, which cannot normalize reshaped images.
                "output_mean_var",
                true,
                "axis",
                1);
    }

    private Entry filled(double value, DimExpr size) {
        return constants.add(new Leaf.Fill(value), new Dims(List.of(size)), DataType.FLOAT32);
    }
}
