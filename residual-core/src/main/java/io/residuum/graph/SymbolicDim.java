package io.residuum.graph;

import java.util.Comparator;

/**
 * A size that stays open until a graph runs.
 *
 * @param kind the input size that it equals or depends on
 * @param map 0 for the input size itself; for images, the number of a feature map. Numbers below
 *     {@link #HALVINGS} stand for the image size divided by that power of two, others for any size
 */
public record SymbolicDim(Kind kind, int map) implements Comparable<SymbolicDim> {
    private static final int HALVINGS = 8;

    private static final Comparator<SymbolicDim> ORDER =
            Comparator.comparing(SymbolicDim::kind).thenComparing(SymbolicDim::map);

    /** The batch, N. */
    public static final SymbolicDim BATCH = new SymbolicDim(Kind.BATCH, 0);

    /** The length of sequences, L. */
    public static final SymbolicDim LENGTH = new SymbolicDim(Kind.LENGTH, 0);

    /** The length of an encoder's input sequences, S. */
    public static final SymbolicDim SOURCE = new SymbolicDim(Kind.SOURCE, 0);

    /** The height of images, H. */
    public static final SymbolicDim HEIGHT = new SymbolicDim(Kind.HEIGHT, 0);

    /** The width of images, W. */
    public static final SymbolicDim WIDTH = new SymbolicDim(Kind.WIDTH, 0);

    /** The sizes of inputs, in their order in products. */
    public enum Kind {
        /** The batch. */
        BATCH("N", "batch"),
        /** The length of sequences. */
        LENGTH("L", "length"),
        /** The length of an encoder's input sequences. */
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

    /** Returns the size of the feature map with this number, for images of this size. */
    public SymbolicDim withMap(int number) {
        return new SymbolicDim(kind, number);
    }

    /** Returns the power of two by which the image size is divided, or 0 for another size. */
    public int divisor() {
        return map < HALVINGS ? 1 << map : 0;
    }

    /** Returns an identifier, for instance {@code batch}, {@code length} or {@code height_2}. */
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

    /** Returns a readable symbol, such as N or H/2. */
    @Override
    public String toString() {
        if (map == 0) {
            return kind.symbol;
        }
        return kind.symbol + (divisor() > 0 ? "/" + divisor() : "'" + map);
    }
}
