package io.residuum.train.report;

/**
 * A text that the network wrote after an epoch.
 *
 * @param epoch counted from 1
 * @param text what it wrote
 */
public record Sample(int epoch, String text) {}
