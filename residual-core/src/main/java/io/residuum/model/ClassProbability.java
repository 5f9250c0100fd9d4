package io.residuum.model;

import java.util.Locale;

/**
 * A class with the probability that a network gives it.
 *
 * @param index the index of the output
 * @param name the name of the class; {@code class 3} if the model has no name for output 3
 * @param probability in [0, 1]; the output itself for a regression
 */
public record ClassProbability(int index, String name, double probability) {

    /** {@return the name and the probability, for instance {@code 7 (99.8%)}} */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%s (%.1f%%)", name, 100 * probability);
    }
}
