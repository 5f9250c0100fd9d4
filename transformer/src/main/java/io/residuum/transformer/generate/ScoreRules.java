package io.residuum.transformer.generate;

import io.residuum.spec.Check;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The rules that change scores of tokens before one is chosen: those for single tokens, penalties,
 * tokens that would repeat an n-gram, and the rules of a model. Their order is that of
 * transformers, which has no presence and frequency penalties.
 *
 * @param sampling the rules for single tokens and the penalties
 * @param search the limits of the text
 * @param model the rules of the model
 * @param ends tokens that end a text
 * @param maxTokens the maximum number of tokens of a text
 */
record ScoreRules(
        Sampling sampling, Search search, ModelRules model, Set<Integer> ends, int maxTokens) {

    /**
     * Changes the scores of the next token.
     *
     * @param scores logits or log-probabilities
     * @param tokens the prompt and the text so far
     * @param generated the number of tokens of the text so far
     * @param source the prompt, or the encoder's input
     */
    void apply(double[] scores, List<Integer> tokens, int generated, List<Integer> source) {
        model.biases().forEach((word, bias) -> bias(scores, tokens, word, bias));
        sampling.tokens().apply(scores);
        if (sampling.repetitionPenalty() != 1) {
            for (int token : new HashSet<>(tokens)) {
                if (token < scores.length) {
                    scores[token] = penalized(scores[token]);
                }
            }
        }
        if (sampling.presencePenalty() != 0 || sampling.frequencyPenalty() != 0) {
            penalizeText(scores, tokens.subList(tokens.size() - generated, tokens.size()));
        }
        banRepeats(scores, tokens, tokens, search.noRepeatNgram());
        banRepeats(scores, tokens, source, model.sourceNgram());
        if (generated < search.minTokens()) {
            ban(scores, ends);
        }
        boolean single = tokens.size() == generated + 1;
        List<Integer> first = first(single);
        if (generated == 0) {
            force(scores, first);
        }
        if (generated == maxTokens - 1) {
            force(scores, model.forcedLast());
        }
        if (model.decayFactor() != 1 && generated > model.decayStart()) {
            double factor = Math.pow(model.decayFactor(), generated - model.decayStart());
            for (int end : ends) {
                if (end < scores.length && Double.isFinite(scores[end])) {
                    scores[end] += Math.abs(scores[end]) * (factor - 1);
                }
            }
        }
        ban(scores, model.suppressed());
        // A token that is forced first does not count as the beginning.
        if (generated == (single && !first.isEmpty() ? 1 : 0)) {
            ban(scores, model.suppressedFirst());
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

    /** Returns the token that begins a text, if there is only one. */
    private List<Integer> first(boolean single) {
        OptionalInt own = single ? model.forcedFirst() : OptionalInt.empty();
        Integer chosen = sampling.tokens().first();
        return Stream.concat(Stream.ofNullable(chosen), own.stream().boxed()).limit(1).toList();
    }

    private static void bias(
            double[] scores, List<Integer> tokens, List<Integer> word, double bias) {
        int last = word.get(word.size() - 1);
        List<Integer> before = word.subList(0, word.size() - 1);
        int from = tokens.size() - before.size();
        if (last < scores.length
                && from >= 0
                && tokens.subList(from, tokens.size()).equals(before)) {
            scores[last] += bias;
        }
    }

    private double penalized(double score) {
        double penalty = sampling.repetitionPenalty();
        return score > 0 ? score / penalty : score * penalty;
    }

    /** Applies the presence and the frequency penalty. */
    private void penalizeText(double[] scores, List<Integer> generated) {
        new HashSet<>(generated).forEach(token -> scores[token] -= sampling.presencePenalty());
        generated.forEach(token -> scores[token] -= sampling.frequencyPenalty());
    }

    /** Bans the tokens that would complete an n-gram of a text. */
    private static void banRepeats(
            double[] scores, List<Integer> tokens, List<Integer> text, int ngram) {
        int before = ngram - 1;
        int last = tokens.size() - before;
        if (before < 0 || last < 0) {
            return;
        }
        List<Integer> recent = tokens.subList(last, tokens.size());
        for (int i = 0; i + before < text.size(); i++) {
            if (text.subList(i, i + before).equals(recent)) {
                ban(scores, List.of(text.get(i + before)));
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

    private static void force(double[] scores, List<Integer> tokens) {
        for (int token : tokens) {
            Check.that(
                    token < scores.length,
                    "forced tokens must be in [0, %s), the tokenizer's, got %s; use the tokenizer"
                            + " of this model",
                    scores.length,
                    token);
        }
        if (!tokens.isEmpty()) {
            Arrays.fill(scores, Double.NEGATIVE_INFINITY);
            tokens.forEach(token -> scores[token] = 0);
        }
    }
}
