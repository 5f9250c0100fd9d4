package io.residuum.transformer.generate;

import io.residuum.spec.Check;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The rules that change scores of tokens before one is chosen: those for single tokens, the
 * repetition penalty, tokens that would repeat an n-gram, and tokens that a model must or must not
 * generate.
 *
 * @param sampling the rules for single tokens and the repetition penalty
 * @param search the limits of the text
 * @param model the tokens of the model
 * @param ends tokens that end a text
 * @param maxTokens the maximum number of tokens of a text
 */
record ScoreRules(
        Sampling sampling,
        Search search,
        GenerationConfig model,
        Set<Integer> ends,
        int maxTokens) {

    /**
     * Changes the scores of the next token.
     *
     * @param scores logits or log-probabilities
     * @param tokens the prompt and the text so far
     * @param generated the number of tokens of the text so far
     */
    void apply(double[] scores, List<Integer> tokens, int generated) {
        sampling.tokens().apply(scores);
        if (sampling.repetitionPenalty() != 1) {
            for (int token : new HashSet<>(tokens)) {
                if (token < scores.length) {
                    scores[token] = penalized(scores[token]);
                }
            }
        }
        banRepeats(scores, tokens);
        ban(scores, model.suppressed());
        if (generated < search.minTokens()) {
            ban(scores, ends);
        }
        if (generated == 0 && tokens.size() == 1) {
            force(scores, model.forcedFirst());
        }
        if (generated == maxTokens - 1) {
            force(scores, model.forcedLast());
        }
        Check.that(
                Arrays.stream(scores).anyMatch(score -> score > Double.NEGATIVE_INFINITY),
                "rules must leave a token to choose, but noRepeatNgram %s, minTokens %s, the"
                    + " allowed tokens %s (empty for all) and suppressed tokens forbid all after %s"
                    + " tokens; generate fewer tokens, or allow more",
                search.noRepeatNgram(),
                search.minTokens(),
                sampling.tokens().allowed(),
                generated);
    }

    private double penalized(double score) {
        double penalty = sampling.repetitionPenalty();
        return score > 0 ? score / penalty : score * penalty;
    }

    private void banRepeats(double[] scores, List<Integer> tokens) {
        int before = search.noRepeatNgram() - 1;
        int last = tokens.size() - before;
        if (before < 0 || last < 0) {
            return;
        }
        List<Integer> recent = tokens.subList(last, tokens.size());
        for (int i = 0; i + before < tokens.size(); i++) {
            if (tokens.subList(i, i + before).equals(recent)) {
                ban(scores, List.of(tokens.get(i + before)));
            }
        }
    }

    private static void ban(double[] scores, Iterable<Integer> tokens) {
        for (int token : tokens) {
            if (token < scores.length) {
                scores[token] = Double.NEGATIVE_INFINITY;
            }
        }
    }

    private static void force(double[] scores, OptionalInt token) {
        token.ifPresent(
                only -> {
                    Check.that(
                            only < scores.length,
                            "forced tokens must be in [0, %s), the tokenizer's, got %s; use the"
                                    + " tokenizer of this model",
                            scores.length,
                            only);
                    Arrays.fill(scores, Double.NEGATIVE_INFINITY);
                    scores[only] = 0;
                });
    }
}
