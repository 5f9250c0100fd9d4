package io.residuum.transformer.generate;

import io.residuum.weights.WeightsException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Samples the tokens of one sequence, in double precision, so that all engines choose the same
 * ones.
 */
final class Sampler {
    private final Sampling settings;
    private final SplittableRandom random;
    private final ScoreRules rules;
    private final List<Integer> source;
    private final List<Integer> seen = new ArrayList<>();
    private int generated;

    Sampler(Sampling settings, int sequence, ScoreRules rules, int... source) {
        this.settings = settings;
        this.random = new SplittableRandom(settings.seed() + sequence);
        this.rules = rules;
        this.source = Arrays.stream(source).boxed().toList();
    }

    ScoreRules rules() {
        return rules;
    }

    /** Appends a token to the text that the rules see. */
    void markSeen(int token) {
        seen.add(token);
    }

    /**
     * Chooses a token.
     *
     * @param logits the logits of all sequences
     * @param from the index of this sequence's first logit
     * @param count the number of tokens to choose from
     * @return the id, in [0, count)
     * @throws WeightsException if a logit is not a number, or none is finite
     */
    int next(float[] logits, int from, int count) {
        double[] scores = scores(logits, from, count);
        if (scores[best(scores)] == Double.NEGATIVE_INFINITY) {
            throw damaged("all are -Infinity");
        }
        rules.apply(scores, seen, generated++, source);
        int best = best(scores);
        return settings.temperature() == 0 ? best : draw(scores, scores[best]);
    }

    private static WeightsException damaged(String found) {
        return new WeightsException(
                "logits must be numbers, but " + found + "; check the model's weights");
    }

    private static double[] scores(float[] logits, int from, int count) {
        double[] scores = new double[count];
        for (int i = 0; i < count; i++) {
            double logit = logits[from + i];
            if (Double.isNaN(logit) || logit == Double.POSITIVE_INFINITY) {
                throw damaged("the logit of token " + i + " is " + logit);
            }
            scores[i] = logit;
        }
        return scores;
    }

    /**
     * Returns log-probabilities of tokens.
     *
     * @param logits the logits of all sequences
     * @param from the index of this sequence's first logit
     * @param width the number of its logits, over which probabilities sum to 1
     * @param count the number of tokens to choose from
     * @throws WeightsException if a logit is not a number, or none is finite
     */
    static double[] logProbabilities(float[] logits, int from, int width, int count) {
        double[] scores = scores(logits, from, width);
        double most = scores[best(scores)];
        if (most == Double.NEGATIVE_INFINITY) {
            throw damaged("all are -Infinity");
        }
        double sum = Arrays.stream(scores).map(score -> Math.exp(score - most)).sum();
        double all = most + Math.log(sum);
        return Arrays.stream(scores, 0, count).map(score -> score - all).toArray();
    }

    /** Returns the lowest index among the highest scores. */
    private static int best(double[] scores) {
        int best = 0;
        for (int i = 1; i < scores.length; i++) {
            if (scores[i] > scores[best]) {
                best = i;
            }
        }
        return best;
    }

    private int draw(double[] scores, double highest) {
        // These are unnormalized probabilities; the most probable token has weight 1.
        double[] weights = scores;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.exp((scores[i] - highest) / settings.temperature());
        }
        keepTopK(weights);
        keepTopP(weights);
        keepFrom(settings.minP(), weights);
        double at = random.nextDouble() * Arrays.stream(weights).sum();
        int chosen = -1;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 0) {
                chosen = i;
                at -= weights[i];
                if (at < 0) {
                    break;
                }
            }
        }
        return chosen;
    }

    /** Keeps the k most probable tokens. Ties with the last one stay too, as in other libraries. */
    private void keepTopK(double[] weights) {
        if (settings.topK() == 0 || settings.topK() >= weights.length) {
            return;
        }
        Ranking ranking = new Ranking(weights);
        double least = 1;
        for (int i = 0; i < settings.topK(); i++) {
            least = weights[ranking.next()];
        }
        keepFrom(least, weights);
    }

    private void keepTopP(double[] weights) {
        if (settings.topP() == 1) {
            return;
        }
        double wanted = settings.topP() * Arrays.stream(weights).sum();
        Ranking ranking = new Ranking(weights);
        double[] kept = new double[weights.length];
        for (double sum = 0; sum < wanted && ranking.hasNext(); ) {
            int token = ranking.next();
            kept[token] = weights[token];
            sum += weights[token];
        }
        System.arraycopy(kept, 0, weights, 0, kept.length);
    }

    private static void keepFrom(double least, double[] weights) {
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] < least) {
                weights[i] = 0;
            }
        }
    }
}
