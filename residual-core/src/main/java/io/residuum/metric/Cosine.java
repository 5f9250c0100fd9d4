package io.residuum.metric;

/** Computes cosines between vectors. */
public final class Cosine {
    private Cosine() {}

    /**
     * {@return the cosine between a vector and one of several, in [-1, 1]; 0 if one of them is
     * zero, NaN if one of them is not finite}
     *
     * @param others vectors of the same length, one after the other
     * @param from the index of the first value of the other vector
     */
    public static double between(float[] vector, float[] others, int from) {
        double product = 0;
        double squares = 0;
        double otherSquares = 0;
        for (int i = 0; i < vector.length; i++) {
            double value = vector[i];
            double other = others[from + i];
            product += value * other;
            squares += value * value;
            otherSquares += other * other;
        }
        double lengths = Math.sqrt(squares * otherSquares);
        return lengths == 0 ? 0 : product / lengths;
    }
}
