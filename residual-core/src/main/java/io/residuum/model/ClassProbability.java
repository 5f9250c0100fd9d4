package io.residuum.model;

import java.util.Locale;

/** A class with the probability that a network gives it, or an output of a regression. */
public sealed interface ClassProbability {

    /** {@return the index of the output} */
    int index();

    /** {@return the name of the class; {@code class 3} if the model has no name for output 3} */
    String name();

    /** {@return the probability in [0, 1]; the output itself for a regression} */
    double probability();

    /**
     * A class with its probability.
     *
     * @param index the index of the output
     * @param name the name of the class
     * @param probability in [0, 1]
     */
    record Share(int index, String name, double probability) implements ClassProbability {

        /** {@return the name and the probability, for instance {@code 7 (99.8%)}} */
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%s (%.1f%%)", name, 100 * probability);
        }
    }

    /**
     * An output of a regression.
     *
     * @param index the index of the output
     * @param name the name of the output
     * @param probability the output
     */
    record Score(int index, String name, double probability) implements ClassProbability {

        /** {@return the name and the output, for instance {@code stars (4.270)}} */
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%s (%.4g)", name, probability);
        }
    }
}
