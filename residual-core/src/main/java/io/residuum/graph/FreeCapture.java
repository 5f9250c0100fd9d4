package io.residuum.graph;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Captures a network at several sizes, of which it makes one graph of any. */
final class FreeCapture {
    /** What lengths must reach so that three of them differ and the least is not 1. */
    private static final long LEAST_LENGTH = 5;

    /** By how much heights and widths grow: odd, so that all rounding is seen. */
    private static final long[] ODD = {33, 65};

    /** The same for networks that take no odd sizes. */
    private static final long[] EVEN = {64, 128};

    private final Layer network;
    private final List<Capture.Source> sources;
    private final boolean training;

    private FreeCapture(Layer network, List<Capture.Source> sources, boolean training) {
        this.network = network;
        this.sources =
                sources.stream()
                        .map(s -> new Capture.Source(s.name(), named(s.shape()), s.type()))
                        .toList();
        this.training = training;
    }

    /**
     * Captures.
     *
     * @param sources of shapes with free sizes in them
     * @return nothing else than {@link Capture#of} does if only the batch is free
     */
    static Graph of(Layer network, List<Capture.Source> sources, boolean training) {
        FreeCapture capture = new FreeCapture(network, sources, training);
        boolean length = capture.has(Free.LENGTH) || capture.has(Free.SOURCE);
        boolean image = capture.has(Free.HEIGHT) || capture.has(Free.WIDTH);
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

    private boolean has(Free free) {
        return sources.stream()
                .flatMapToLong(s -> Arrays.stream(s.shape().getShape()))
                .anyMatch(size -> size == free.size());
    }

    private Graph image() {
        FreeSizes sizes = image(ODD);
        Graph one = first(sizes);
        Graph other;
        try {
            other = new Capture(network).graph(at(sizes, true), training);
        } catch (IllegalArgumentException e) {
            sizes = image(EVEN);
            other = second(sizes);
        }
        return Unification.of(one, other, null, sizes);
    }

    private FreeSizes image(long[] growth) {
        FreeSizes sizes = new FreeSizes(true);
        Shape made = network.inputShape();
        if (made.dimension() != 4) {
            throw new IllegalArgumentException(
                    "a free image size needs a network of images, (N, C, H, W), got one of "
                            + made);
        }
        if (has(Free.HEIGHT)) {
            sizes.put(Free.HEIGHT, made.get(2), made.get(2) + growth[0]);
        }
        if (has(Free.WIDTH)) {
            sizes.put(Free.WIDTH, made.get(3), made.get(3) + growth[1]);
        }
        return sizes;
    }

    private Graph length() {
        Shape made = network.inputShape();
        long most = made.dimension() < 2 ? 0 : made.get(1);
        if (most < LEAST_LENGTH) {
            throw new IllegalArgumentException(
                    "a free length needs a network of sequences of %d or more, got one of %s"
                            .formatted(LEAST_LENGTH, made));
        }
        FreeSizes sizes = new FreeSizes(false);
        FreeSizes longest = new FreeSizes(false);
        long shorter = most - 1 - most / 3;
        if (has(Free.LENGTH)) {
            // At the full length a table of positions would not be sliced.
            sizes.put(Free.LENGTH, most - 1, shorter);
            longest.put(Free.LENGTH, most, most);
        }
        if (has(Free.SOURCE)) {
            sizes.put(Free.SOURCE, most - 2, shorter - 1);
            longest.put(Free.SOURCE, most, most);
        }
        return Unification.of(first(sizes), second(sizes), first(longest), sizes);
    }

    private Graph second(FreeSizes sizes) {
        Capture capture = new Capture(network);
        try {
            return capture.graph(at(sizes, true), training);
        } catch (IllegalArgumentException e) {
            throw sizes.pinned(capture.who(), String.valueOf(e.getMessage()), e);
        }
    }

    private Graph first(FreeSizes sizes) {
        return new Capture(network).graph(at(sizes, false), training);
    }

    private List<Capture.Source> at(FreeSizes sizes, boolean second) {
        List<Capture.Source> fixed = new ArrayList<>();
        for (Capture.Source s : sources) {
            fixed.add(new Capture.Source(s.name(), sizes.of(s.shape(), second), s.type()));
        }
        return fixed;
    }

    /** What -1 stands for, by its axis. */
    static Shape named(Shape shape) {
        long[] dims = shape.getShape().clone();
        for (int axis = 0; axis < dims.length; axis++) {
            if (dims[axis] == -1) {
                Free free = named(axis, dims.length);
                if (free == null) {
                    throw new IllegalArgumentException(
                            "what is free in an input must be its batch, the height and width of"
                                    + " images (N, C, H, W) or the length of sequences (N, L) or"
                                    + " (N, L, C), got "
                                    + shape);
                }
                dims[axis] = free.size();
            }
        }
        return new Shape(dims);
    }

    private static @Nullable Free named(int axis, int rank) {
        if (axis == 0) {
            return Free.BATCH;
        }
        if (rank == 4) {
            return axis == 2 ? Free.HEIGHT : axis == 3 ? Free.WIDTH : null;
        }
        return axis == 1 ? Free.LENGTH : null;
    }
}
