package io.residuum.graph.trace;

import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.SymbolicDim;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The values of open sizes in two captures, which determine the expression of each axis. */
final class DynamicSizes {

    /** The size in each capture. */
    private record Pair(long one, long other) {}

    private final Map<SymbolicDim, Pair> known = new LinkedHashMap<>();
    private final Kind kind;

    /** The kind of open size, with advice for networks that need a fixed one. */
    enum Kind {
        IMAGE("image size", "give it as a number"),
        LENGTH("length of sequences", "give it as a number"),
        CACHE(
                "number of earlier positions",
                "compute what depends on it with an io.residuum.nn.Cache.PositionDependent");

        private final String label;
        private final String advice;

        Kind(String label, String advice) {
            this.label = label;
            this.advice = advice;
        }
    }

    DynamicSizes(Kind kind) {
        this.kind = kind;
    }

    void put(SymbolicDim free, long one, long other) {
        known.put(free, new Pair(one, other));
    }

    /** {@return true if no known size has this ratio, so that multiples cannot be confused} */
    boolean isRatioFree(long one, long other) {
        return known.values().stream().noneMatch(p -> p.one * other == p.other * one);
    }

    /** {@return the shape in the first or second capture} */
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

    /** {@return the expression of an axis from its values in both captures; empty if none fits} */
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

    /** {@return a number times one open size, with the smallest number possible} */
    private Optional<DimExpr> multiple(long one, long other) {
        DimExpr found = null;
        for (Map.Entry<SymbolicDim, Pair> entry : known.entrySet()) {
            Pair pair = entry.getValue();
            long factor = one / pair.one;
            boolean matches = factor * pair.one == one && factor * pair.other == other;
            if (matches && factor > 0 && (found == null || factor < found.factor())) {
                found = DimExpr.of(entry.getKey()).times(factor);
            }
        }
        return Optional.ofNullable(found);
    }

    /** {@return the size of a feature map, as a new symbol if no known one fits} */
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
        while (known.containsKey(map) || !matches(map.divisor(), whole, pair)) {
            map = map.withMap(map.map() + 1);
        }
        known.put(map, pair);
        return Optional.of(DimExpr.of(map));
    }

    private static boolean matches(int divisor, Pair whole, Pair map) {
        return divisor == 0
                || (whole.one + divisor - 1) / divisor == map.one
                        && (whole.other + divisor - 1) / divisor == map.other;
    }

    /** Creates an exception that names the layer that depends on a size. */
    CaptureException sizeDependent(String layer, String what, @Nullable Throwable cause) {
        CaptureException e =
                new CaptureException(
                        ("the %s cannot be dynamic, because %s computes something different for"
                                        + " each: %s; %s")
                                .formatted(kind.label, layer, what, kind.advice));
        if (cause != null) {
            e.initCause(cause);
        }
        return e;
    }
}
