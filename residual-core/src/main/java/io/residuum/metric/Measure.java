package io.residuum.metric;

/**
 * A measurement other than loss and accuracy.
 *
 * @param name the name in lower case, as charts show it: {@code bits per character}
 * @param value the value, finite
 */
public record Measure(String name, double value) {
    /** The share of tokens that a language model predicts, in a task that is compared by loss. */
    public static final String TOKEN_ACCURACY = "token accuracy";
}
