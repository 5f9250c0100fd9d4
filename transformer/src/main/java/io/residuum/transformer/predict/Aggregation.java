package io.residuum.transformer.predict;

import java.util.Locale;

/** The ways to join tagged tokens, as in transformers' pipeline for token classification. */
public enum Aggregation {
    /** Each tagged token is an entity. */
    NONE,
    /** Neighbors with one tag are an entity; {@code B-} starts a new one. */
    SIMPLE,
    /** As simple, with the tag of each word's first token. */
    FIRST,
    /** As simple, with the tag of the mean of the scores of a word's tokens. */
    AVERAGE,
    /** As simple, with the tag of a word's token with the highest score. */
    MAX;

    boolean joinsWords() {
        return this == FIRST || this == AVERAGE || this == MAX;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
