package io.residuum.graph;

import io.residuum.graph.Operation.Arithmetic;

/** Computes functions of two numbers in Java, for values that are known before a graph runs. */
public final class Arithmetics {
    private Arithmetics() {}

    /**
     * {@return the value of a function}
     *
     * @param arithmetic the function
     * @param a the first operand
     * @param b the second operand
     */
    public static double apply(Arithmetic arithmetic, double a, double b) {
        return switch (arithmetic) {
            case ADD -> a + b;
            case SUBTRACT -> a - b;
            case MULTIPLY -> a * b;
            case DIVIDE -> a / b;
            case POWER -> Math.pow(a, b);
            case MAXIMUM -> Math.max(a, b);
            case MINIMUM -> Math.min(a, b);
        };
    }
}
