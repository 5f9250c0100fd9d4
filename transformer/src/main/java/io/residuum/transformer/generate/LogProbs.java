package io.residuum.transformer.generate;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Log-probabilities at one token of a text, by the model alone: before rules, penalties and
 * temperature.
 *
 * @param chosen the log-probability of the token
 * @param top the log-probabilities of the most probable tokens by id, the most probable first
 */
public record LogProbs(double chosen, Map<Integer, Double> top) {
    public LogProbs {
        top = Collections.unmodifiableMap(new LinkedHashMap<>(top));
    }

    /**
     * Computes log-probabilities.
     *
     * @param logits the logits of all sequences
     * @param from the index of this sequence's first logit
     * @param width the number of its logits
     * @param count the number of tokens to choose from
     * @param token the chosen token
     * @param most the number of most probable tokens
     */
    static LogProbs of(float[] logits, int from, int width, int count, int token, int most) {
        double[] all = Sampler.logProbabilities(logits, from, width, count);
        Ranking ranking = new Ranking(all);
        Map<Integer, Double> top = new LinkedHashMap<>();
        while (top.size() < most && ranking.hasNext()) {
            int next = ranking.next();
            top.put(next, all[next]);
        }
        return new LogProbs(all[token], top);
    }
}
