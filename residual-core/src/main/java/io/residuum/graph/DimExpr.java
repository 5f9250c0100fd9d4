package io.residuum.graph;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A size of a node's shape: a number, times what is open until the graph runs.
 *
 * @param factor the number
 * @param free the open sizes; one twice for its square
 */
public record DimExpr(long factor, List<SymbolicDim> free) {

    /** Copies the list. */
    public DimExpr {
        free = List.copyOf(free);
    }

    /**
     * Reads a size of a shape.
     *
     * @param size as in {@link Node#shape}
     * @return its parts
     */
    public static DimExpr of(long size) {
        List<SymbolicDim> found = new ArrayList<>();
        long rest = size;
        if (size >= Batch.SIZE) {
            for (SymbolicDim f : SymbolicDim.all()) {
                while (rest % f.size() == 0) {
                    found.add(f);
                    rest /= f.size();
                }
            }
        }
        return new DimExpr(rest, found);
    }

    /**
     * Whether a size is open.
     *
     * @param size as in {@link Node#shape}
     * @return false for a plain number
     */
    public static boolean isFree(long size) {
        return !of(size).free.isEmpty();
    }

    /**
     * Whether any size of a shape is open.
     *
     * @param shape of a node
     * @return false if all are plain numbers
     */
    public static boolean isFree(Shape shape) {
        return Arrays.stream(shape.getShape()).anyMatch(DimExpr::isFree);
    }

    /**
     * Whether a size of a shape is open in more than its batch.
     *
     * @param size as in {@link Node#shape}
     * @return false for a plain number, N, 2N, ...
     */
    public static boolean isFreeBeyondBatch(long size) {
        return of(size).free.stream().anyMatch(f -> f != SymbolicDim.BATCH);
    }

    /**
     * How it stands in shapes.
     *
     * @return a number of which {@link #of} gives these parts
     * @throws ArithmeticException if it is too large
     */
    public long encoded() {
        long all = factor;
        for (SymbolicDim f : free) {
            all = Math.multiplyExact(all, f.size());
        }
        return all;
    }

    /** For people: 64, N, 2N, 12NL, 64*H/2*W/2. */
    @Override
    public String toString() {
        boolean letters = free.stream().allMatch(f -> f.toString().length() == 1);
        String all =
                free.stream()
                        .map(SymbolicDim::toString)
                        .collect(Collectors.joining(letters ? "" : "*"));
        if (free.isEmpty()) {
            return Long.toString(factor);
        }
        if (factor == 1) {
            return all;
        }
        return factor + (letters ? "" : "*") + all;
    }
}
