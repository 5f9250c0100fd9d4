package io.residuum.graph.trace;

import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.SymbolicDim;
import io.residuum.nn.Layer;
import io.residuum.nn.trait.PadsBySize;
import io.residuum.nn.trait.Unrolled;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Captures a network at several sizes and makes one graph for all sizes. */
record DynamicCapture(
        Layer network, List<Capture.Source> sources, boolean training, boolean prompt) {
    /** The smallest length that leaves room for two shorter, different lengths above 1. */
    private static final long LEAST_LENGTH = 5;

    /** The growth of heights and widths, odd to make all rounding visible. */
    private static final long[] ODD = {33, 65};

    /** The growth for networks that refuse odd sizes. */
    private static final long[] EVEN = {64, 128};

    /** Implements {@link Capture#of} and {@link Capture#ofPrompt}. */
    static Graph of(Layer network, List<Capture.Source> sources, boolean training, boolean prompt) {
        DynamicCapture capture = new DynamicCapture(network, sources, training, prompt);
        boolean length =
                capture.builtFor(SymbolicDim.LENGTH).isPresent()
                        || capture.builtFor(SymbolicDim.SOURCE).isPresent();
        boolean image =
                capture.builtFor(SymbolicDim.HEIGHT).isPresent()
                        || capture.builtFor(SymbolicDim.WIDTH).isPresent();
        if (length && image) {
            throw new IllegalArgumentException(
                    "dynamic sizes must be of images or of sequences, not of both, got " + sources);
        }
        if (image) {
            return capture.image();
        }
        return length ? capture.length() : capture.graph(new Capture(network), capture.sources);
    }

    private Graph image() {
        DynamicSizes sizes = image(ODD);
        requireFixedPadding(sizes);
        Graph one = first(sizes);
        Graph other;
        try {
            other = graph(new Capture(network), at(sizes, true));
        } catch (IllegalArgumentException e) {
            sizes = image(EVEN);
            other = second(sizes);
        }
        return Generalization.of(one, other, null, sizes);
    }

    /** Finds what two captures may miss: sizes with equal remainders have equal padding. */
    private void requireFixedPadding(DynamicSizes sizes) {
        network.walk(
                (path, layer) -> {
                    if (layer instanceof PadsBySize pads && pads.padsBySize()) {
                        throw sizes.sizeDependent(
                                layer.describe() + (path.isEmpty() ? "" : " at " + path),
                                "padding for the last window",
                                null);
                    }
                });
    }

    private DynamicSizes image(long[] growth) {
        DynamicSizes sizes = new DynamicSizes(DynamicSizes.Kind.IMAGE);
        builtFor(SymbolicDim.HEIGHT)
                .ifPresent(h -> sizes.put(SymbolicDim.HEIGHT, h, h + growth[0]));
        builtFor(SymbolicDim.WIDTH).ifPresent(w -> sizes.put(SymbolicDim.WIDTH, w, w + growth[1]));
        return sizes;
    }

    private Graph length() {
        requireNotUnrolled();
        DynamicSizes sizes = new DynamicSizes(DynamicSizes.Kind.LENGTH);
        DynamicSizes longest = new DynamicSizes(DynamicSizes.Kind.LENGTH);
        for (SymbolicDim free : List.of(SymbolicDim.LENGTH, SymbolicDim.SOURCE)) {
            builtFor(free)
                    .ifPresent(
                            most -> {
                                // At the full length, a position table would not be sliced.
                                distinct(sizes, free, most);
                                longest.put(free, most, most);
                            });
        }
        return Generalization.of(first(sizes), second(sizes), first(longest), sizes);
    }

    private void requireNotUnrolled() {
        network.walk(
                (path, layer) -> {
                    if (layer instanceof Unrolled) {
                        throw new CaptureException(
                                "%s needs a fixed length, because a graph repeats its cell for each position, got a dynamic one: give the length as a number"
                                        .formatted(
                                                layer.describe()
                                                        + (path.isEmpty() ? "" : " at " + path)));
                    }
                });
    }

    /** Chooses two lengths below the largest whose ratio no other size has. */
    private static void distinct(DynamicSizes sizes, SymbolicDim free, long most) {
        if (most < LEAST_LENGTH) {
            throw new IllegalArgumentException(
                    "a dynamic length needs a network for at least %d positions, got %d"
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

    /** {@return the size the network is built for; empty if this size is not open} */
    private OptionalLong builtFor(SymbolicDim symbol) {
        for (Capture.Source source : sources) {
            int axis = source.shape().sizes().indexOf(DimExpr.of(symbol));
            if (axis >= 0) {
                return OptionalLong.of(builtFor(source, axis));
            }
        }
        return OptionalLong.empty();
    }

    private long builtFor(Capture.Source source, int axis) {
        Dims builtFor =
                source.builtFor() == null
                        ? Capture.Source.named(network.inputShape())
                        : source.builtFor();
        if (axis >= builtFor.dimension()
                || !builtFor.get(axis).isFixed()
                || builtFor.get(axis).value() < 1) {
            throw new IllegalArgumentException(
                    "a dynamic size needs a network with a fixed input size, got input "
                            + source.shape()
                            + " of a network for "
                            + builtFor);
        }
        return builtFor.get(axis).value();
    }

    private Graph second(DynamicSizes sizes) {
        Capture capture = new Capture(network);
        try {
            return graph(capture, at(sizes, true));
        } catch (IllegalArgumentException e) {
            throw sizes.sizeDependent(capture.currentLayer(), String.valueOf(e.getMessage()), e);
        }
    }

    private Graph first(DynamicSizes sizes) {
        return graph(new Capture(network), at(sizes, false));
    }

    private Graph graph(Capture capture, List<Capture.Source> fixed) {
        return capture.graph(fixed, training, prompt ? new TracedPrompt() : null);
    }

    private List<Capture.Source> at(DynamicSizes sizes, boolean second) {
        List<Capture.Source> fixed = new ArrayList<>();
        for (Capture.Source s : sources) {
            fixed.add(new Capture.Source(s.name(), sizes.of(s.shape(), second), s.type()));
        }
        return fixed;
    }
}
