package io.residuum.transformer.generate;

import io.residuum.spec.Check;
import io.residuum.spec.WithBuilder;

/**
 * How the next token is chosen. What narrows the choice is applied in this order, each to what the
 * one before has left: repetition penalty, temperature, top-k, top-p, min-p; then a token is drawn
 * by its probability.
 *
 * @param temperature what logits are divided by; 0 takes the most probable token, and only the
 *     repetition penalty then matters beside it
 * @param topK how many of the most probable tokens are left (Fan et al. 2018, arXiv:1805.04833), 0
 *     for all
 * @param topP the fewest most probable tokens whose probabilities sum up to this are left (Holtzman
 *     et al. 2020, arXiv:1904.09751), in (0, 1]; 1 for all
 * @param minP tokens less probable than this times the most probable one are left out (Nguyen et
 *     al. 2024, arXiv:2407.01082), in [0, 1]; 0 for none
 * @param repetitionPenalty what positive logits of tokens that were in the text already are divided
 *     by and negative ones multiplied by (Keskar et al. 2019, arXiv:1909.05858, Section 4.1),
 *     positive; 1 for none
 * @param seed of the draws; the sequence with index i of a batch draws by {@code seed + i}
 */
@WithBuilder
public record Sampling(
        double temperature, int topK, double topP, double minP, double repetitionPenalty, long seed)
        implements SamplingBuilder.With {

    /** The most probable token every time. */
    public static final Sampling GREEDY = new Sampling(0, 0, 1, 0, 1, 0);

    /** By the probabilities that the model gives. */
    public static final Sampling PLAIN = GREEDY.withTemperature(1);

    public Sampling {
        Check.that(
                temperature >= 0 && Double.isFinite(temperature),
                "temperature must be 0 or more, got %s",
                temperature);
        Check.notNegative("topK", topK);
        Check.that(topP > 0 && topP <= 1, "topP must be in (0, 1], got %s", topP);
        Check.that(minP >= 0 && minP <= 1, "minP must be in [0, 1], got %s", minP);
        Check.that(
                repetitionPenalty > 0 && Double.isFinite(repetitionPenalty),
                "repetitionPenalty must be positive, got %s",
                repetitionPenalty);
    }
}
