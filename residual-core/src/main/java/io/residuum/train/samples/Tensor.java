package io.residuum.train.samples;

import ai.djl.ndarray.types.Shape;
import io.residuum.data.DataException;
import io.residuum.spec.Check;
import java.util.List;

/** An array of one sample, without the batch, in plain Java. */
public sealed interface Tensor {

    /** {@return the shape of the array; {@code ()} for one number} */
    Shape shape();

    /**
     * Numbers. A mask has 1 for what counts and 0 for what is hidden. As a target, each is what a
     * number of the output should be, and NaN is unknown.
     *
     * @param values the numbers, row by row
     * @param shape the shape of the array
     */
    record Numbers(float[] values, Shape shape) implements Tensor {
        public Numbers {
            requireFilled(values.length, shape);
        }
    }

    /**
     * Whole numbers: ids of an input. As a target they are classes, one for each position of the
     * output, and {@code -1} is a position that does not count.
     *
     * @param values the numbers, row by row
     * @param shape the shape of the array
     */
    record Integers(long[] values, Shape shape) implements Tensor {
        public Integers {
            requireFilled(values.length, shape);
        }
    }

    private static void requireFilled(long values, Shape shape) {
        Check.that(
                values == shape.size(),
                "the values of an array must fill its shape %s, got %s values",
                shape,
                values);
    }

    /**
     * {@return a vector of numbers}
     *
     * @param values the numbers
     */
    static Numbers numbers(float... values) {
        return new Numbers(values, new Shape(values.length));
    }

    /**
     * {@return a vector of ids, or of a class for each position}
     *
     * @param values the whole numbers
     */
    static Integers integers(long... values) {
        return new Integers(values, new Shape(values.length));
    }

    /**
     * {@return the class of a sample}
     *
     * @param label the index of the class
     */
    static Integers label(long label) {
        return new Integers(new long[] {label}, new Shape());
    }

    /**
     * {@return vectors joined to one}
     *
     * @param name the name of the result, for errors
     * @param parts vectors of one kind, at least one
     * @throws DataException if they are arrays of other ranks, or of both kinds
     */
    static Tensor joined(String name, List<? extends Tensor> parts) {
        Tensor first = parts.get(0);
        int size = 0;
        for (Tensor part : parts) {
            if (part.getClass() != first.getClass() || part.shape().dimension() != 1) {
                throw new DataException(
                        "the columns of \"%s\" must all be numbers, or all be ids, to be joined to a vector; a class, a text and a picture stand alone"
                                .formatted(name));
            }
            size += Math.toIntExact(part.shape().get(0));
        }
        int at = 0;
        if (first instanceof Numbers) {
            float[] values = new float[size];
            for (Tensor part : parts) {
                float[] some = ((Numbers) part).values();
                System.arraycopy(some, 0, values, at, some.length);
                at += some.length;
            }
            return numbers(values);
        }
        long[] values = new long[size];
        for (Tensor part : parts) {
            long[] some = ((Integers) part).values();
            System.arraycopy(some, 0, values, at, some.length);
            at += some.length;
        }
        return integers(values);
    }
}
