package io.residuum.graph;

import java.util.Arrays;

/** A value that a graph is given instead of computing it: an input, a weight, a constant. */
public sealed interface Leaf extends Operation {

    /**
     * An input of the network.
     *
     * @param name {@code data}, or the name of a rider
     */
    record Input(String name) implements Leaf {}

    /**
     * A parameter or buffer of the network.
     *
     * @param path its dotted path
     */
    record Weight(String path) implements Leaf {}

    /**
     * A value that was computed from parameters alone, ahead of the first run.
     *
     * @param index its place among the outputs of that graph
     */
    record Prepared(int index) implements Leaf {}

    /**
     * What Java draws for each run, as the network itself would: see {@link Graph#draws}.
     *
     * @param index its place among the draws
     */
    record Drawn(int index) implements Leaf {}

    /** Values known when the network was captured. */
    final class Constant implements Leaf {
        private final double[] values;

        /**
         * Creates a constant.
         *
         * @param values in row-major order
         */
        public Constant(double[] values) {
            this.values = values;
        }

        /**
         * The values.
         *
         * @return in row-major order; not to be changed
         */
        public double[] values() {
            return values;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Constant c && Arrays.equals(values, c.values);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(values);
        }

        @Override
        public String toString() {
            return values.length == 1
                    ? "Constant[" + values[0] + "]"
                    : "Constant[" + values.length + " values]";
        }
    }

    /**
     * One value everywhere.
     *
     * @param value the value
     */
    record Fill(double value) implements Leaf {}

    @Override
    default <R> R accept(OperationVisitor<R> visitor) {
        return visitor.leaf(this);
    }
}
