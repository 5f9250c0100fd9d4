package io.residuum.transformer.family;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Shorthand;

/**
 * Dropout rates of a transformer, in [0, 1). In JSON a number is the rate of all.
 *
 * @param embedding dropout of the embeddings. Default: 0
 * @param attention dropout of the attention weights. Default: 0
 * @param branch dropout of the outputs of attention and feed-forward network. Default: 0
 * @param classifier dropout of the input of a classifier. Default: 0
 */
public record DropoutRates(
        @Default("0.0") double embedding,
        @Default("0.0") double attention,
        @Default("0.0") double branch,
        @Default("0.0") double classifier) {
    public DropoutRates {
        Check.rate("embedding", embedding);
        Check.rate("attention", attention);
        Check.rate("branch", branch);
        Check.rate("classifier", classifier);
    }

    /**
     * {@return one rate for all}
     *
     * @param rate the rate, in [0, 1)
     */
    @Shorthand
    public static DropoutRates of(double rate) {
        return new DropoutRates(rate, rate, rate, rate);
    }
}
