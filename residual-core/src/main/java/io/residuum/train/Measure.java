package io.residuum.train;

/**
 * A number that a task measures beside loss and accuracy.
 *
 * @param name what it is, in lower case as charts show it: {@code bits per character}
 * @param value the number, finite
 */
public record Measure(String name, double value) {}
