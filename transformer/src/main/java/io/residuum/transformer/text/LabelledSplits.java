package io.residuum.transformer.text;

/**
 * What the training of a text classifier reads; both sets have the same classes.
 *
 * @param description one line for people: how many texts, from where, and what the evaluation set
 *     is
 * @param train to learn from
 * @param evaluation to measure on: the test set, or a held-out tenth of each class where there is
 *     none
 */
public record LabelledSplits(String description, LabelledTexts train, LabelledTexts evaluation) {}
