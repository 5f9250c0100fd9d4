package io.residuum.transformer.generate;

import io.residuum.spec.Check;

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
public record Sampling(
        double temperature,
        int topK,
        double topP,
        double minP,
        double repetitionPenalty,
        long seed) {

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

    /**
     * The same with another temperature.
     *
     * @param value 0 or more
     * @return a new setting
     */
    public Sampling withTemperature(double value) {
        return new Sampling(value, topK, topP, minP, repetitionPenalty, seed);
    }

    /**
     * The same with a choice from fewer tokens.
     *
     * @param k how many, 0 for all
     * @param p their summed probability, 1 for all
     * @param least their least probability relative to the highest, 0 for all
     * @return a new setting
     */
    public Sampling withChoice(int k, double p, double least) {
        return new Sampling(temperature, k, p, least, repetitionPenalty, seed);
    }

    /**
     * The same with another penalty.
     *
     * @param value 1 for none
     * @return a new setting
     */
    public Sampling withRepetitionPenalty(double value) {
        return new Sampling(temperature, topK, topP, minP, value, seed);
    }

    /**
     * The same with other draws.
     *
     * @param value any number
     * @return a new setting
     */
    public Sampling withSeed(long value) {
        return new Sampling(temperature, topK, topP, minP, repetitionPenalty, value);
    }
}
