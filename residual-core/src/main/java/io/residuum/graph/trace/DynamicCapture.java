package io.residuum.graph.trace;

import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.SymbolicDim;
import io.residuum.nn.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Captures a network at several sizes, of which it makes one graph of any. */
final class DynamicCapture {
    /** The least length below which three lengths differ and none of them is 1. */
    private static final long LEAST_LENGTH = 5;

    /** By how much heights and widths grow: odd, so that all rounding is seen. */
    private static final long[] ODD = {33, 65};

    /** The growth for networks that take no odd sizes. */
    private static final long[] EVEN = {64, 128};

    private final Layer network;
    private final List<Capture.Source> sources;
    private final boolean training;

    private DynamicCapture(Layer network, List<Capture.Source> sources, boolean training) {
        this.network = network;
        this.sources = sources;
        this.training = training;
    }

    /**
     * Captures.
     *
     * @param sources of shapes with open sizes in them
     * @return nothing else than {@link Capture#of} does if only the batch is free
     */
    static Graph of(Layer network, List<Capture.Source> sources, boolean training) {
        DynamicCapture capture = new DynamicCapture(network, sources, training);
        boolean length =
                capture.made(SymbolicDim.LENGTH).isPresent()
                        || capture.made(SymbolicDim.SOURCE).isPresent();
        boolean image =
                capture.made(SymbolicDim.HEIGHT).isPresent()
                        || capture.made(SymbolicDim.WIDTH).isPresent();
        if (length && image) {
            throw new IllegalArgumentException(
                    "the free sizes of a network's inputs must be those of images or of sequences,"
                            + " got "
                            + sources);
        }
        if (image) {
            return capture.image();
        }
        return length ? capture.length() : new Capture(network).graph(capture.sources, training);
    }

    private Graph image() {
        DynamicSizes sizes = image(ODD);
        Graph one = first(sizes);
        Graph other;
        try {
            other = new Capture(network).graph(at(sizes, true), training);
        } catch (IllegalArgumentException e) {
            sizes = image(EVEN);
            other = second(sizes);
        }
        return Generalization.of(one, other, null, sizes);
    }

    private DynamicSizes image(long[] growth) {
        DynamicSizes sizes = new DynamicSizes(DynamicSizes.Kind.IMAGE);
        made(SymbolicDim.HEIGHT).ifPresent(h -> sizes.put(SymbolicDim.HEIGHT, h, h + growth[0]));
        made(SymbolicDim.WIDTH).ifPresent(w -> sizes.put(SymbolicDim.WIDTH, w, w + growth[1]));
        return sizes;
    }

    private Graph length() {
        DynamicSizes sizes = new DynamicSizes(DynamicSizes.Kind.LENGTH);
        DynamicSizes longest = new DynamicSizes(DynamicSizes.Kind.LENGTH);
        for (SymbolicDim free : List.of(SymbolicDim.LENGTH, SymbolicDim.SOURCE)) {
            made(free)
                    .ifPresent(
                            most -> {
                                // At the full length a table of positions would not be sliced.
                                distinct(sizes, free, most);
                                longest.put(free, most, most);
                            });
        }
        return Generalization.of(first(sizes), second(sizes), first(longest), sizes);
    }

    /** Two lengths below the most, of a ratio that no other has. */
    private static void distinct(DynamicSizes sizes, SymbolicDim free, long most) {
        if (most < LEAST_LENGTH) {
            throw new IllegalArgumentException(
                    "a free length needs sequences of %d or more, got %d"
                            .formatted(LEAST_LENGTH, most));
        }
        for (long one = most - 1; one > 2; one--) {
            for (long other = one - most / 3; other > 1; other--) {
                if (sizes.isRatioFree(one, other)) {
                    sizes.put(free, one, other);
                    return;
                }
            }
        }
        throw new IllegalStateException("no two lengths below " + most);
    }

    /** Returns a size in the shape that the network was made for; nothing if it is not open. */
    private OptionalLong made(SymbolicDim symbol) {
        for (Capture.Source source : sources) {
            int axis = source.shape().sizes().indexOf(DimExpr.of(symbol));
            if (axis >= 0) {
                return OptionalLong.of(made(source, axis));
            }
        }
        return OptionalLong.empty();
    }

    private long made(Capture.Source source, int axis) {
        Dims made =
                source.made() == null ? Capture.Source.named(network.inputShape()) : source.made();
        if (axis >= made.dimension() || !made.get(axis).isFixed() || made.get(axis).value() < 1) {
            throw new IllegalArgumentException(
                    "a network must be made for a size if that is to be free, got "
                            + source.shape()
                            + " for one of "
                            + made);
        }
        return made.get(axis).value();
    }

    private Graph second(DynamicSizes sizes) {
        Capture capture = new Capture(network);
        try {
            return capture.graph(at(sizes, true), training);
        } catch (IllegalArgumentException e) {
            throw sizes.pinned(capture.who(), String.valueOf(e.getMessage()), e);
        }
    }

    private Graph first(DynamicSizes sizes) {
        return new Capture(network).graph(at(sizes, false), training);
    }

    private List<Capture.Source> at(DynamicSizes sizes, boolean second) {
        List<Capture.Source> fixed = new ArrayList<>();
        for (Capture.Source s : sources) {
            fixed.add(new Capture.Source(s.name(), sizes.of(s.shape(), second), s.type()));
        }
        return fixed;
    }
}
