package io.residuum.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A size of a node's shape: a number times symbols for sizes that are open until the graph runs.
 *
 * @param factor the number
 * @param symbols the open sizes in order; a square contains its symbol twice
 */
public record DimExpr(long factor, List<SymbolicDim> symbols) {
    /** The batch, N. */
    public static final DimExpr BATCH = of(SymbolicDim.BATCH);

    /** Sorts the symbols, so that equal products become equal expressions. */
    public DimExpr {
        symbols = factor == 0 ? List.of() : symbols.stream().sorted().toList();
    }

    /** Returns a fixed size. */
    public static DimExpr of(long size) {
        return new DimExpr(size, List.of());
    }

    /** Returns an open size. */
    public static DimExpr of(SymbolicDim symbol) {
        return new DimExpr(1, List.of(symbol));
    }

    /** Multiplies this size by a number. */
    public DimExpr times(long number) {
        return new DimExpr(Math.multiplyExact(factor, number), symbols);
    }

    /** Multiplies this size by another. */
    public DimExpr times(DimExpr other) {
        List<SymbolicDim> all = new ArrayList<>(symbols);
        all.addAll(other.symbols);
        return new DimExpr(Math.multiplyExact(factor, other.factor), all);
    }

    /** Returns true for a plain number. */
    public boolean isFixed() {
        return symbols.isEmpty();
    }

    /** Returns true for a product with the batch, such as N or 2N. */
    public boolean hasBatch() {
        return symbols.contains(SymbolicDim.BATCH);
    }

    /** Returns true if the size is open even when the batch is known. */
    public boolean isOpenBeyondBatch() {
        return symbols.stream().anyMatch(s -> !s.equals(SymbolicDim.BATCH));
    }

    /**
     * {@return the number of a fixed size}
     *
     * @throws IllegalArgumentException if the size is open
     */
    public long value() {
        if (!isFixed()) {
            throw new IllegalArgumentException(
                    "the size must be a number, got " + this + ": capture at a fixed size");
        }
        return factor;
    }

    /**
     * {@return the size for a batch}
     *
     * @param batch the value of N
     * @throws IllegalArgumentException if the size depends on more than the batch
     */
    public long at(long batch) {
        long size = factor;
        for (SymbolicDim symbol : symbols) {
            size = Math.multiplyExact(size, symbol.equals(SymbolicDim.BATCH) ? batch : value());
        }
        return size;
    }

    /** Returns a readable expression: 64, N, 2N, 12NL, 64*H/2*W/2. */
    @Override
    public String toString() {
        boolean letters = symbols.stream().allMatch(s -> s.toString().length() == 1);
        String times = letters ? "" : "*";
        String all = symbols.stream().map(SymbolicDim::toString).collect(Collectors.joining(times));
        if (isFixed()) {
            return Long.toString(factor);
        }
        return factor == 1 ? all : factor + times + all;
    }
}
