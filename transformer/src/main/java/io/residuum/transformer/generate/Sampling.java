package io.residuum.transformer.generate;

import io.residuum.spec.Check;
import io.residuum.spec.WithBuilder;

/**
 * The sampling of the next token. These steps are applied in this order, each to the result of the
 * one before: rules for tokens, repetition penalty, presence and frequency penalties, temperature,
 * top-k, top-p, min-p. Then a token is drawn by probability.
 *
 * @param temperature the divisor of the logits. 0 takes the most probable token; then only the
 *     rules for tokens and the penalties have an effect
 * @param topK the number of most probable tokens to keep (Fan et al. 2018, arXiv:1805.04833); 0 for
 *     all
 * @param topP keep the fewest most probable tokens whose probabilities sum to at least this
 *     (Holtzman et al. 2020, arXiv:1904.09751), in (0, 1]; 1 for all
 * @param minP drop tokens less probable than this times the most probable one (Nguyen et al. 2024,
 *     arXiv:2407.01082), in [0, 1]; 0 for all
 * @param repetitionPenalty the penalty for tokens already in the text: it divides positive logits
 *     and multiplies negative ones (Keskar et al. 2019, arXiv:1909.05858, Section 4.1). Positive; 1
 *     for none
 * @param seed the random seed; sequence i of a batch uses {@code seed + i}
 * @param tokens rules for single tokens: a logit bias, and the only tokens that are allowed
 * @param presencePenalty the number to subtract from the logits of tokens that the generated text
 *     already has, as in OpenAI's API; finite, 0 for none
 * @param frequencyPenalty the number to subtract from the logit of a token for each time that the
 *     generated text has it, as in OpenAI's API; finite, 0 for none
 */
@WithBuilder
public record Sampling(
        double temperature,
        int topK,
        double topP,
        double minP,
        double repetitionPenalty,
        long seed,
        TokenRules tokens,
        double presencePenalty,
        double frequencyPenalty)
        implements SamplingBuilder.With {

    /** Always takes the most probable token. */
    public static final Sampling GREEDY = new Sampling(0, 0, 1, 0, 1, 0, TokenRules.NONE);

    /** Samples from the model's probabilities. */
    public static final Sampling PLAIN = GREEDY.withTemperature(1);

    /** Creates settings without presence and frequency penalties. */
    public Sampling(
            double temperature,
            int topK,
            double topP,
            double minP,
            double repetitionPenalty,
            long seed,
            TokenRules tokens) {
        this(temperature, topK, topP, minP, repetitionPenalty, seed, tokens, 0, 0);
    }

    public Sampling {
        Check.notNegative("temperature", temperature);
        Check.notNegative("topK", topK);
        Check.that(topP > 0 && topP <= 1, "topP must be in (0, 1], got %s", topP);
        Check.that(minP >= 0 && minP <= 1, "minP must be in [0, 1], got %s", minP);
        Check.positive("repetitionPenalty", repetitionPenalty);
        Check.that(
                Double.isFinite(presencePenalty) && Double.isFinite(frequencyPenalty),
                "presencePenalty and frequencyPenalty must be finite, got %s and %s",
                presencePenalty,
                frequencyPenalty);
    }
}
