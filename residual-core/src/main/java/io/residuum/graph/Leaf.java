package io.residuum.graph;

import java.util.Arrays;

/** A value that a graph receives from outside: an input, a weight, a constant. */
public sealed interface Leaf extends Operation {

    /**
     * An input of the network.
     *
     * @param name {@code data}, or the name of a side input
     */
    record Input(String name) implements Leaf {}

    /**
     * A parameter or buffer of the network.
     *
     * @param path the dotted path
     */
    record Weight(String path) implements Leaf {}

    /**
     * A value computed from parameters alone, before the first run.
     *
     * @param index the index among the outputs of the preparation graph
     */
    record Prepared(int index) implements Leaf {}

    /**
     * Random numbers that Java draws for each run: see {@link Graph#draws}.
     *
     * @param index the index among the draws
     */
    record Drawn(int index) implements Leaf {}

    /** Values that are known when the network is captured. */
    final class Constant implements Leaf {
        private final double[] values;

        /** Creates a constant from values in row-major order. */
        public Constant(double[] values) {
            this.values = values;
        }

        /** Returns the values in row-major order; do not change them. */
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

    /** An array filled with one value. */
    record Fill(double value) implements Leaf {}

    /**
     * The result for one kind of leaf.
     *
     * @param <L> the kind
     * @param <R> the type of the result
     */
    interface Case<L extends Leaf, R> {
        R of(L leaf);
    }

    /**
     * Computes the result for the kind of this leaf. Emitters and passes call it, so that a new
     * kind does not compile until each of them supports it.
     *
     * @param <R> the type of the result
     */
    default <R> R fold(
            Case<Input, R> input,
            Case<Weight, R> weight,
            Case<Prepared, R> prepared,
            Case<Drawn, R> drawn,
            Case<Constant, R> constant,
            Case<Fill, R> fill) {
        if (this instanceof Input leaf) {
            return input.of(leaf);
        }
        if (this instanceof Weight leaf) {
            return weight.of(leaf);
        }
        if (this instanceof Prepared leaf) {
            return prepared.of(leaf);
        }
        if (this instanceof Drawn leaf) {
            return drawn.of(leaf);
        }
        if (this instanceof Constant leaf) {
            return constant.of(leaf);
        }
        return fill.of((Fill) this);
    }

    /** Returns true if the value is the same in every run. */
    default boolean isFixed() {
        return fold(
                input -> false,
                weight -> true,
                prepared -> true,
                drawn -> false,
                constant -> true,
                fill -> true);
    }

    @Override
    default boolean isLeaf() {
        return true;
    }

    @Override
    default <R> R accept(OperationVisitor<R> visitor) {
        return visitor.leaf(this);
    }
}
