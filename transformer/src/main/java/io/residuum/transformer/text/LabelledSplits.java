package io.residuum.transformer.text;

/**
 * The data sets for training a text classifier. Both have the same classes.
 *
 * @param description one line for people: the number of texts, their source and the kind of
 *     evaluation set
 * @param train the training set
 * @param evaluation the evaluation set: the test set, or a held-out tenth of each class if there is
 *     none
 */
public record LabelledSplits(String description, LabelledTexts train, LabelledTexts evaluation) {}
