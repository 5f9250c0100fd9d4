package io.residuum.transformer.generate;

import io.residuum.weights.WeightsException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;

/** Chooses the tokens of one sequence, in double precision, so that every engine's are alike. */
final class Sampler {
    private final Sampling settings;
    private final SplittableRandom random;
    private final BitSet seen = new BitSet();

    Sampler(Sampling settings, int sequence) {
        this.settings = settings;
        this.random = new SplittableRandom(settings.seed() + sequence);
    }

    /** Tells of a token that is in the text. */
    void saw(int token) {
        seen.set(token);
    }

    /**
     * Chooses a token.
     *
     * @param logits of the sequence's end, among those of others
     * @param from where they begin
     * @param count how many
     * @return its id, in [0, count)
     * @throws WeightsException if a logit is not a number, or none is finite
     */
    int next(float[] logits, int from, int count) {
        double[] scores = new double[count];
        for (int i = 0; i < count; i++) {
            double logit = logits[from + i];
            if (Double.isNaN(logit) || logit == Double.POSITIVE_INFINITY) {
                throw damaged("that of token " + i + " is " + logit);
            }
            scores[i] = seen.get(i) ? penalized(logit) : logit;
        }
        int best = best(scores);
        if (scores[best] == Double.NEGATIVE_INFINITY) {
            throw damaged("all are -Infinity");
        }
        return settings.temperature() == 0 ? best : draw(scores, scores[best]);
    }

    private static WeightsException damaged(String found) {
        return new WeightsException(
                "logits must be numbers, but " + found + ": the model's weights may be damaged");
    }

    private double penalized(double logit) {
        double penalty = settings.repetitionPenalty();
        return logit > 0 ? logit / penalty : logit * penalty;
    }

    /** The first of the highest. */
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
        // Probabilities but for a factor: the most probable token weighs 1.
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

    /** Those as probable as the last of them stay too, as in the field's libraries. */
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
