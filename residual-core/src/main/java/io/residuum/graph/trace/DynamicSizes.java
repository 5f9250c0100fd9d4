package io.residuum.graph.trace;

import ai.djl.ndarray.types.Shape;
import io.residuum.graph.Batch;
import io.residuum.graph.DimExpr;
import io.residuum.graph.SymbolicDim;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What free sizes are in two captures, and which free size that of an axis must be. */
final class DynamicSizes {

    /** The size in each capture. */
    private record Pair(long one, long other) {}

    private final Map<SymbolicDim, Pair> known = new LinkedHashMap<>();
    private final Kind kind;

    /** What is free, and what to do where it cannot be. */
    enum Kind {
        IMAGE("image size", "give it as a number"),
        LENGTH("length of sequences", "give it as a number"),
        PAST(
                "number of earlier positions",
                "what depends on it must be made by an io.residuum.nn.Cache.PositionDependent");

        private final String label;
        private final String advice;

        Kind(String label, String advice) {
            this.label = label;
            this.advice = advice;
        }
    }

    /**
     * Nothing known yet.
     *
     * @param kind of what the sizes are
     */
    DynamicSizes(Kind kind) {
        this.kind = kind;
    }

    void put(SymbolicDim free, long one, long other) {
        known.put(free, new Pair(one, other));
    }

    /** Whether no multiple of a known size could be taken for one of this. */
    boolean isRatioFree(long one, long other) {
        return known.values().stream().noneMatch(p -> p.one * other == p.other * one);
    }

    /** A shape as the first or second capture has it. */
    Shape of(Shape shape, boolean second) {
        long[] dims = shape.getShape().clone();
        for (int i = 0; i < dims.length; i++) {
            DimExpr size = DimExpr.of(dims[i]);
            if (size.free().size() == 1 && known.containsKey(size.free().get(0))) {
                Pair pair = known.get(size.free().get(0));
                dims[i] = size.factor() * (second ? pair.other : pair.one);
            }
        }
        return new Shape(dims);
    }

    /** The size of an axis in both captures: a number, or a multiple of what is free. */
    OptionalLong common(long one, long other) {
        if (one == other) {
            return OptionalLong.of(one);
        }
        if (Batch.isIn(one) && Batch.isIn(other)) {
            OptionalLong rest = common(one / Batch.SIZE, other / Batch.SIZE);
            return rest.isPresent() ? times(rest, Batch.SIZE) : rest;
        }
        OptionalLong single = multiple(one, other);
        if (single.isPresent()) {
            return single;
        }
        for (Map.Entry<SymbolicDim, Pair> entry : known.entrySet()) {
            Pair pair = entry.getValue();
            if (one % pair.one == 0 && other % pair.other == 0) {
                OptionalLong rest = multiple(one / pair.one, other / pair.other);
                if (rest.isPresent()) {
                    return times(rest, entry.getKey().size());
                }
            }
        }
        return OptionalLong.empty();
    }

    /** A number times one free size; the size that needs the smallest number. */
    private OptionalLong multiple(long one, long other) {
        long least = Long.MAX_VALUE;
        SymbolicDim found = null;
        for (Map.Entry<SymbolicDim, Pair> entry : known.entrySet()) {
            Pair pair = entry.getValue();
            long factor = one / pair.one;
            boolean fits = factor * pair.one == one && factor * pair.other == other;
            if (fits && factor > 0 && factor < least) {
                least = factor;
                found = entry.getKey();
            }
        }
        return found == null ? OptionalLong.empty() : times(OptionalLong.of(least), found.size());
    }

    private static OptionalLong times(OptionalLong a, long b) {
        try {
            return OptionalLong.of(Math.multiplyExact(a.getAsLong(), b));
        } catch (ArithmeticException e) {
            return OptionalLong.empty();
        }
    }

    /** The size of a feature map, a new one if need be. */
    OptionalLong map(long one, long other, SymbolicDim image) {
        Pair pair = new Pair(one, other);
        Pair whole = known.get(image);
        if (one == other || whole == null) {
            return common(one, other);
        }
        List<SymbolicDim> maps = SymbolicDim.maps(image);
        for (SymbolicDim map : maps) {
            if (pair.equals(known.get(map))) {
                return OptionalLong.of(map.size());
            }
        }
        for (SymbolicDim map : maps) {
            int divisor = SymbolicDim.divisor(map);
            boolean fits =
                    divisor == 0
                            || (whole.one + divisor - 1) / divisor == one
                                    && (whole.other + divisor - 1) / divisor == other;
            if (fits && !known.containsKey(map)) {
                known.put(map, pair);
                return OptionalLong.of(map.size());
            }
        }
        return OptionalLong.empty();
    }

    /** Says which layer needs a certain size. */
    CaptureException pinned(String layer, String what, @Nullable Throwable cause) {
        CaptureException e =
                new CaptureException(
                        "the %s cannot be free, as %s computes something else for each: %s; %s"
                                .formatted(kind.label, layer, what, kind.advice));
        if (cause != null) {
            e.initCause(cause);
        }
        return e;
    }
}
