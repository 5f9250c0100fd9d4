package io.residuum.transformer.text.pairs;

import io.residuum.spec.Check;
import java.util.List;

/**
 * Texts that belong together: an anchor, its positive and perhaps negatives, or two texts with a
 * similarity.
 *
 * @param texts two texts or more
 * @param score the similarity of two texts, in [-1, 1]; NaN if there is none
 */
public record TextTuple(List<String> texts, double score) {
    public TextTuple {
        texts = List.copyOf(texts);
        Check.that(texts.size() >= 2, "a tuple must have at least 2 texts, got %s", texts.size());
        Check.that(
                Double.isNaN(score) || Math.abs(score) <= 1,
                "a similarity must be in [-1, 1], got %s",
                score);
    }

    /**
     * Creates a tuple without a similarity.
     *
     * @param texts the anchor, its positive, and negatives
     */
    public TextTuple(String... texts) {
        this(List.of(texts), Double.NaN);
    }
}
