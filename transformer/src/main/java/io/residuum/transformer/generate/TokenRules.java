package io.residuum.transformer.generate;

import io.residuum.spec.Check;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Rules for single tokens, by their ids. They apply to each step of a generation, before all other
 * settings.
 *
 * @param bias the number to add to the logit of a token (logit bias), finite
 * @param allowed the only tokens that may be chosen; empty for all. Without the end token, a text
 *     ends by a stop string or at its largest length
 * @param first the first token of every text, such as that of a target language; null for any
 */
public record TokenRules(Map<Integer, Double> bias, Set<Integer> allowed, @Nullable Integer first) {

    /** No rules. */
    public static final TokenRules NONE = new TokenRules(Map.of(), Set.of());

    /**
     * Creates rules without a first token.
     *
     * @param bias the number to add to the logit of a token, finite
     * @param allowed the only tokens that may be chosen; empty for all
     */
    public TokenRules(Map<Integer, Double> bias, Set<Integer> allowed) {
        this(bias, allowed, null);
    }

    public TokenRules {
        bias = Collections.unmodifiableMap(new TreeMap<>(bias));
        allowed = Collections.unmodifiableSet(new TreeSet<>(allowed));
        bias.forEach(
                (token, value) ->
                        Check.that(
                                Double.isFinite(value),
                                "the bias of token %s must be finite, got %s; name the tokens that"
                                        + " are allowed instead",
                                token,
                                value));
    }

    /** Requires that all tokens are of a vocabulary. */
    void requireIn(int vocabulary) {
        Stream.of(bias.keySet().stream(), allowed.stream(), Stream.ofNullable(first))
                .flatMap(tokens -> tokens)
                .filter(token -> token < 0 || token >= vocabulary)
                .findFirst()
                .ifPresent(
                        token ->
                                Check.that(
                                        false,
                                        "tokens with a bias, allowed tokens and the first token"
                                                + " must be in [0, %s), got %s",
                                        vocabulary,
                                        token));
    }

    /** Changes the logits of all tokens; those that are not allowed become -Infinity. */
    void apply(double... logits) {
        bias.forEach((token, value) -> logits[token] += value);
        if (!allowed.isEmpty()) {
            double[] all = logits.clone();
            Arrays.fill(logits, Double.NEGATIVE_INFINITY);
            allowed.forEach(token -> logits[token] = all[token]);
        }
    }
}
