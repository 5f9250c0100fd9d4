package io.residuum.graph;

import java.util.Comparator;

/**
 * A size that a graph leaves open until it runs.
 *
 * @param kind the size of the inputs that it is, or follows from
 * @param map 0 for that size itself; for images, the number of the feature map whose size it is:
 *     {@link #HALVINGS} of them first that divide the image's size by a power of two, then any
 */
public record SymbolicDim(Kind kind, int map) implements Comparable<SymbolicDim> {
    private static final int HALVINGS = 8;

    private static final Comparator<SymbolicDim> ORDER =
            Comparator.comparing(SymbolicDim::kind).thenComparing(SymbolicDim::map);

    /** The batch, N. */
    public static final SymbolicDim BATCH = new SymbolicDim(Kind.BATCH, 0);

    /** The length of sequences, L. */
    public static final SymbolicDim LENGTH = new SymbolicDim(Kind.LENGTH, 0);

    /** The length of the sequences that an encoder reads for a decoder, S. */
    public static final SymbolicDim SOURCE = new SymbolicDim(Kind.SOURCE, 0);

    /** The height of images, H. */
    public static final SymbolicDim HEIGHT = new SymbolicDim(Kind.HEIGHT, 0);

    /** The width of images, W. */
    public static final SymbolicDim WIDTH = new SymbolicDim(Kind.WIDTH, 0);

    /** The sizes of inputs, in the order in which they stand in products. */
    public enum Kind {
        /** The batch. */
        BATCH("N", "batch"),
        /** The length of sequences. */
        LENGTH("L", "length"),
        /** The length of an encoder's sequences. */
        SOURCE("S", "source_length"),
        /** The height of images. */
        HEIGHT("H", "height"),
        /** The width of images. */
        WIDTH("W", "width");

        private final String symbol;
        private final String label;

        Kind(String symbol, String label) {
            this.symbol = symbol;
            this.label = label;
        }
    }

    /**
     * Returns the size of a feature map of images of this size.
     *
     * @param number its number
     */
    public SymbolicDim withMap(int number) {
        return new SymbolicDim(kind, number);
    }

    /** Returns the power of two that divides the image's size to give this one, or 0 for none. */
    public int divisor() {
        return map < HALVINGS ? 1 << map : 0;
    }

    /**
     * Returns a name for programs, for instance {@code batch}, {@code length} or {@code height_2}.
     */
    public String label() {
        if (map == 0) {
            return kind.label;
        }
        return kind.label + (divisor() > 0 ? "_" + divisor() : "_map" + map);
    }

    @Override
    public int compareTo(SymbolicDim other) {
        return ORDER.compare(this, other);
    }

    /** Returns a symbol for people, as N or H/2. */
    @Override
    public String toString() {
        if (map == 0) {
            return kind.symbol;
        }
        return kind.symbol + (divisor() > 0 ? "/" + divisor() : "'" + map);
    }
}
