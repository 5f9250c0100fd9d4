package io.residuum.transformer.generate;

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
     * @throws IllegalStateException if a logit is not a number
     */
    int next(float[] logits, int from, int count) {
        double[] scores = new double[count];
        for (int i = 0; i < count; i++) {
            double logit = logits[from + i];
            if (Double.isNaN(logit)) {
                throw new IllegalStateException(
                        "logits must be numbers, but that of token "
                                + i
                                + " is NaN: the model's weights may be damaged");
            }
            scores[i] = seen.get(i) ? penalized(logit) : logit;
        }
        return settings.temperature() == 0 ? best(scores) : draw(scores);
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

    private int draw(double[] scores) {
        double highest = scores[best(scores)];
        double[] weights = scores;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.exp((scores[i] - highest) / settings.temperature());
        }
        double least = Math.max(settings.minP(), leastOfMostProbable(weights));
        double sum = 0;
        for (double w : weights) {
            sum += w >= least ? w : 0;
        }
        double at = random.nextDouble() * sum;
        int chosen = -1;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] >= least && weights[i] > 0) {
                chosen = i;
                at -= weights[i];
                if (at < 0) {
                    break;
                }
            }
        }
        return chosen;
    }

    /** The weight, 1 for the most probable token, below which top-k and top-p leave none. */
    private double leastOfMostProbable(double[] weights) {
        int k = settings.topK() == 0 ? weights.length : Math.min(settings.topK(), weights.length);
        if (k == weights.length && settings.topP() == 1) {
            return 0;
        }
        double[] sorted = weights.clone();
        Arrays.sort(sorted);
        int last = sorted.length - k;
        if (settings.topP() == 1) {
            return sorted[last];
        }
        double left = 0;
        for (int i = last; i < sorted.length; i++) {
            left += sorted[i];
        }
        double wanted = settings.topP() * left;
        double taken = 0;
        int i = sorted.length;
        while (i > last && taken < wanted) {
            taken += sorted[--i];
        }
        return sorted[i];
    }
}
