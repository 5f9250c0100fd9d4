package io.residuum.train.report;

/**
 * A text that the network generated after an epoch.
 *
 * @param epoch the epoch, from 1
 * @param text the generated text
 */
public record SampleText(int epoch, String text) {}
