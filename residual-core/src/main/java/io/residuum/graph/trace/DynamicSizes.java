package io.residuum.graph.trace;

import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.SymbolicDim;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The values of open sizes in two captures, from which the expression of an axis follows. */
final class DynamicSizes {

    /** The size in each capture. */
    private record Pair(long one, long other) {}

    private final Map<SymbolicDim, Pair> known = new LinkedHashMap<>();
    private final Kind kind;

    /** The kind of size that is open, and advice where it cannot be. */
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

    /** Returns true if no multiple of a known size could be taken for one of this. */
    boolean isRatioFree(long one, long other) {
        return known.values().stream().noneMatch(p -> p.one * other == p.other * one);
    }

    /** Returns a shape as the first or second capture has it. */
    Dims of(Dims shape, boolean second) {
        return shape.map(
                size -> {
                    Pair pair =
                            size.symbols().size() == 1 ? known.get(size.symbols().get(0)) : null;
                    return pair == null
                            ? size
                            : DimExpr.of(size.factor() * (second ? pair.other : pair.one));
                });
    }

    /** Returns the size of an axis in both captures; nothing if no expression fits. */
    Optional<DimExpr> common(DimExpr one, DimExpr other) {
        return one.symbols().equals(other.symbols())
                ? common(one.factor(), other.factor())
                        .map(rest -> rest.times(new DimExpr(1, one.symbols())))
                : Optional.empty();
    }

    private Optional<DimExpr> common(long one, long other) {
        if (one == other) {
            return Optional.of(DimExpr.of(one));
        }
        Optional<DimExpr> single = multiple(one, other);
        if (single.isPresent()) {
            return single;
        }
        for (Map.Entry<SymbolicDim, Pair> entry : known.entrySet()) {
            Pair pair = entry.getValue();
            if (one % pair.one == 0 && other % pair.other == 0) {
                Optional<DimExpr> rest = multiple(one / pair.one, other / pair.other);
                if (rest.isPresent()) {
                    return rest.map(r -> r.times(DimExpr.of(entry.getKey())));
                }
            }
        }
        return Optional.empty();
    }

    /** Returns a number times one open size; the size that needs the smallest number. */
    private Optional<DimExpr> multiple(long one, long other) {
        DimExpr found = null;
        for (Map.Entry<SymbolicDim, Pair> entry : known.entrySet()) {
            Pair pair = entry.getValue();
            long factor = one / pair.one;
            boolean fits = factor * pair.one == one && factor * pair.other == other;
            if (fits && factor > 0 && (found == null || factor < found.factor())) {
                found = DimExpr.of(entry.getKey()).times(factor);
            }
        }
        return Optional.ofNullable(found);
    }

    /** Returns the size of a feature map, a new symbol if need be. */
    Optional<DimExpr> map(DimExpr one, DimExpr other, SymbolicDim image) {
        Pair whole = known.get(image);
        if (one.equals(other) || whole == null) {
            return common(one, other);
        }
        Pair pair = new Pair(one.value(), other.value());
        for (Map.Entry<SymbolicDim, Pair> entry : known.entrySet()) {
            if (entry.getKey().kind() == image.kind() && entry.getValue().equals(pair)) {
                return Optional.of(DimExpr.of(entry.getKey()));
            }
        }
        SymbolicDim map = image;
        while (known.containsKey(map) || !fits(map.divisor(), whole, pair)) {
            map = map.withMap(map.map() + 1);
        }
        known.put(map, pair);
        return Optional.of(DimExpr.of(map));
    }

    private static boolean fits(int divisor, Pair whole, Pair map) {
        return divisor == 0
                || (whole.one + divisor - 1) / divisor == map.one
                        && (whole.other + divisor - 1) / divisor == map.other;
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
