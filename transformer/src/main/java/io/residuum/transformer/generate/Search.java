package io.residuum.transformer.generate;

import io.residuum.spec.Check;
import io.residuum.spec.WithBuilder;

/**
 * The search for texts. With several beams, the most probable partial texts are continued together,
 * and the best complete one is the result (Sutskever et al. 2014, arXiv:1409.3215, Section 3.2).
 * The rules are those of transformers.
 *
 * @param beams the number of partial texts; 1 for one text, which sampling chooses
 * @param lengthPenalty the score of a complete text is its log-probability divided by its number of
 *     tokens to this power (Wu et al. 2016, arXiv:1609.08144, Section 7, without the constant 5).
 *     Only beams use it
 * @param earlyStopping when a search ends that has enough complete texts. Only beams use it
 * @param noRepeatNgram no sequence of this many tokens occurs twice in prompt and text (Paulus et
 *     al. 2017, arXiv:1705.04304, Section 2.5); 0 for no limit
 * @param minTokens the minimum number of tokens before an end token
 */
@WithBuilder
public record Search(
        int beams,
        double lengthPenalty,
        EarlyStopping earlyStopping,
        int noRepeatNgram,
        int minTokens)
        implements SearchBuilder.With {

    /** Generates one text without limits. */
    public static final Search NONE = new Search(1, 1, EarlyStopping.HEURISTIC, 0, 0);

    /** The moment when a search ends that has as many complete texts as beams. */
    public enum EarlyStopping {
        /** Ends when no partial text is better at its length; {@code false} in transformers. */
        HEURISTIC,
        /** Ends at once; {@code true} in transformers. */
        FULL,
        /** Ends when none can become better at any length; {@code "never"} in transformers. */
        NEVER
    }

    public Search {
        Check.positive("beams", beams);
        Check.finite("lengthPenalty", lengthPenalty);
        Check.notNegative("noRepeatNgram", noRepeatNgram);
        Check.notNegative("minTokens", minTokens);
    }
}
