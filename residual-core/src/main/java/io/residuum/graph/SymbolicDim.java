package io.residuum.graph;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A size that a graph leaves open until it runs. In shapes it stands as a large prime: a size that
 * it takes part in is a multiple of it, and no other is.
 */
public final class SymbolicDim {
    /** How many sizes of feature maps are told apart in each direction. */
    private static final int MAPS = 24;

    /** Of those the ones that are the image's size by a power of two. */
    private static final int HALVINGS = 8;

    private static final List<SymbolicDim> ALL = new ArrayList<>();

    /** The batch, N. */
    public static final SymbolicDim BATCH = next("N", "batch");

    /** The length of sequences, L. */
    public static final SymbolicDim LENGTH = next("L", "length");

    /** The length of a second kind of sequences, which a translator reads: S. */
    public static final SymbolicDim SOURCE = next("S", "source_length");

    private static final List<SymbolicDim> HEIGHTS = maps("H", "height");
    private static final List<SymbolicDim> WIDTHS = maps("W", "width");

    /** The height of images, H. */
    public static final SymbolicDim HEIGHT = HEIGHTS.get(0);

    /** The width of images, W. */
    public static final SymbolicDim WIDTH = WIDTHS.get(0);

    private final String symbol;
    private final String label;
    private final long size;

    private SymbolicDim(String symbol, String label, long size) {
        this.symbol = symbol;
        this.label = label;
        this.size = size;
    }

    private static SymbolicDim next(String symbol, String label) {
        long above = ALL.isEmpty() ? Batch.SIZE - 1 : ALL.get(ALL.size() - 1).size;
        long prime = BigInteger.valueOf(above).nextProbablePrime().longValueExact();
        SymbolicDim free = new SymbolicDim(symbol, label, prime);
        ALL.add(free);
        return free;
    }

    private static List<SymbolicDim> maps(String symbol, String label) {
        return IntStream.range(0, MAPS)
                .mapToObj(
                        i -> {
                            if (i == 0) {
                                return next(symbol, label);
                            }
                            return i < HALVINGS
                                    ? next(symbol + "/" + (1 << i), label + "_" + (1 << i))
                                    : next(symbol + "'" + i, label + "_map" + i);
                        })
                .toList();
    }

    /** All there are. */
    static List<SymbolicDim> all() {
        return Collections.unmodifiableList(ALL);
    }

    /**
     * The sizes that convolutions and pooling make of an image's: of a power of two first, then the
     * others in order of appearance.
     */
    public static List<SymbolicDim> maps(SymbolicDim image) {
        if (image == HEIGHT) {
            return HEIGHTS;
        }
        return image == WIDTH ? WIDTHS : List.of(image);
    }

    /** By what power of two this is the size of an image; 0 for none. */
    public static int divisor(SymbolicDim map) {
        int halvings = Math.max(HEIGHTS.indexOf(map), WIDTHS.indexOf(map));
        return halvings >= 0 && halvings < HALVINGS ? 1 << halvings : 0;
    }

    /**
     * How it stands in shapes.
     *
     * @return a prime
     */
    public long size() {
        return size;
    }

    /**
     * A name for programs.
     *
     * @return for instance {@code batch}, {@code length} or {@code height_2}
     */
    public String label() {
        return label;
    }

    /** A symbol for people, as N or H/2. */
    @Override
    public String toString() {
        return symbol;
    }
}
