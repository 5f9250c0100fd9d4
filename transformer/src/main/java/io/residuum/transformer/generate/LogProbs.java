package io.residuum.transformer.generate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.model.Network;
import io.residuum.spec.Check;
import io.residuum.spec.InputSpec;
import io.residuum.spec.SpecException;
import io.residuum.transformer.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
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
     * Computes the log-probability of each token of a text after its first, in one forward pass.
     *
     * @param network a language model, as for {@link Generator}, without an encoder
     * @param tokenizer its tokenizer
     * @param tokens the text, at most as long as the model's context
     * @param most the number of most probable tokens at each place, 0 or more
     * @return one for each token after the first, given the tokens before it
     * @throws SpecException if the model has an encoder, or the text is empty or too long
     */
    public static List<LogProbs> ofText(
            Network network, Tokenizer tokenizer, int[] tokens, int most) {
        Check.that(
                !ContextWindow.readsSources(network),
                "probabilities of a text need a model without an encoder, but %s has one",
                network.spec().name());
        int limit = ((InputSpec.Tokens) network.spec().input()).length();
        Check.that(
                tokens.length >= 1 && tokens.length <= limit,
                "a text must have 1 to %s tokens, got %s; give a shorter one",
                limit,
                tokens.length);
        List<LogProbs> found = new ArrayList<>();
        try (NDManager manager = network.backend().newManager()) {
            long[] ids = Arrays.stream(tokens).asLongStream().toArray();
            NDArray input = Values.create(manager, ids, new Shape(1, tokens.length));
            NDArray all = network.predict(new NDList(input)).get(0);
            for (int i = 1; i < tokens.length; i++) {
                // One position at a time, because all need length times vocabulary floats.
                try (NDArray at = all.get(i - 1)) {
                    float[] logits = Values.floats(at);
                    found.add(
                            of(logits, 0, logits.length, tokenizer.vocabulary(), tokens[i], most));
                }
            }
        }
        return found;
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
