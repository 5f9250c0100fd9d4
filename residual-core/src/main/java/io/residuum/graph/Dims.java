package io.residuum.graph;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * A shape whose sizes may be open until the graph runs, such as {@code (N, 64, H/2, W/2)}.
 *
 * @param sizes the sizes of the axes, in order
 */
public record Dims(List<DimExpr> sizes) {

    public Dims {
        sizes = List.copyOf(sizes);
    }

    /** Returns a shape of fixed sizes. */
    public static Dims of(long... sizes) {
        return new Dims(Arrays.stream(sizes).mapToObj(DimExpr::of).toList());
    }

    /** Returns a shape whose first size may be open, such as {@code (N, 3, 32, 32)}. */
    public static Dims of(DimExpr first, long... rest) {
        return new Dims(List.of(first)).addAll(of(rest));
    }

    /** Returns a shape of open sizes, such as {@code (N, L)}. */
    public static Dims open(SymbolicDim... symbols) {
        return new Dims(Arrays.stream(symbols).map(DimExpr::of).toList());
    }

    /** Returns the number of axes. */
    public int dimension() {
        return sizes.size();
    }

    /** Returns the size of an axis. */
    public DimExpr get(int axis) {
        return sizes.get(axis);
    }

    /** Returns the size of the last axis. */
    public DimExpr last() {
        return sizes.get(sizes.size() - 1);
    }

    /** Returns the number of elements. */
    public DimExpr size() {
        return sizes.stream().reduce(DimExpr.of(1), DimExpr::times);
    }

    /** Returns the axes from {@code from} to the last. */
    public Dims slice(int from) {
        return slice(from, sizes.size());
    }

    /** Returns the axes from {@code from} to {@code to}, which is exclusive. */
    public Dims slice(int from, int to) {
        return new Dims(sizes.subList(from, to));
    }

    /** Appends an axis. */
    public Dims add(DimExpr size) {
        return addAll(new Dims(List.of(size)));
    }

    /** Appends axes. */
    public Dims addAll(Dims others) {
        List<DimExpr> all = new ArrayList<>(sizes);
        all.addAll(others.sizes);
        return new Dims(all);
    }

    /** Replaces the size of an axis. */
    public Dims with(int axis, DimExpr size) {
        List<DimExpr> changed = new ArrayList<>(sizes);
        changed.set(axis, size);
        return new Dims(changed);
    }

    /** Applies a function to each size. */
    public Dims map(UnaryOperator<DimExpr> function) {
        return new Dims(sizes.stream().map(function).toList());
    }

    /** Returns true if all sizes are plain numbers. */
    public boolean isFixed() {
        return sizes.stream().allMatch(DimExpr::isFixed);
    }

    /** Returns true if a size is open even when the batch is known. */
    public boolean isOpenBeyondBatch() {
        return sizes.stream().anyMatch(DimExpr::isOpenBeyondBatch);
    }

    /**
     * {@return the shape, with all sizes fixed}
     *
     * @throws IllegalArgumentException if a size is open
     */
    public Shape fixed() {
        return shape(sizes.stream().mapToLong(DimExpr::value));
    }

    /**
     * {@return the shape for a batch}
     *
     * @param batch the value of N
     * @throws IllegalArgumentException if a size depends on more than the batch
     */
    public Shape at(long batch) {
        return shape(sizes.stream().mapToLong(size -> size.at(batch)));
    }

    private static Shape shape(LongStream sizes) {
        return new Shape(sizes.toArray());
    }

    /** Returns a readable shape, for instance {@code (N, 64, 56, 56)}. */
    @Override
    public String toString() {
        return sizes.stream().map(DimExpr::toString).collect(Collectors.joining(", ", "(", ")"));
    }
}
