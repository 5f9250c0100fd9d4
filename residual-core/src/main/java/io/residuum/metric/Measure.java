package io.residuum.metric;

/**
 * A measurement besides loss and accuracy.
 *
 * @param name the name in lower case, as charts show it: {@code bits per character}
 * @param value the value, finite
 */
public record Measure(String name, double value) {}
