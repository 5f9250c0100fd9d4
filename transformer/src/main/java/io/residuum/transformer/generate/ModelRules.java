package io.residuum.transformer.generate;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The rules for scores of tokens that a published model stores. They equal those of transformers.
 *
 * @param forcedFirst the first token of every text after a prompt of one token, such as that of a
 *     language; empty for any
 * @param forcedLast the tokens that may end a text of the maximum length; empty for all
 * @param suppressed tokens that are never generated
 * @param suppressedFirst tokens that do not begin a text
 * @param biases numbers to add to the score of the last token of a sequence after the others;
 *     -Infinity for sequences that never occur
 * @param sourceNgram no sequence of this many tokens of the prompt or the source occurs in the
 *     text; 0 for no limit
 * @param decayStart the number of tokens of a text after which end tokens become more probable
 * @param decayFactor the factor by which they do with each token; 1 for none
 */
record ModelRules(
        OptionalInt forcedFirst,
        List<Integer> forcedLast,
        List<Integer> suppressed,
        List<Integer> suppressedFirst,
        Map<List<Integer>, Double> biases,
        int sourceNgram,
        int decayStart,
        double decayFactor) {}
