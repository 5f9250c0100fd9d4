package io.residuum.transformer.layers;

import io.residuum.spec.LayerSpec;
import io.residuum.spec.layers.GlobalAveragePool;

/** Reductions of the vectors of tokens to one vector of a text, {@code (N, T, C) -> (N, C)}. */
public enum Pooling {
    /** The first token, such as BERT's {@code [CLS]}. */
    CLS,
    /** The mean of all tokens except padding (Reimers and Gurevych 2019, arXiv:1908.10084). */
    MEAN,
    /** The largest value of each channel over all tokens except padding. */
    MAX,
    /** The sum of all tokens except padding, divided by the square root of their number. */
    MEAN_SQRT,
    /**
     * The mean of all tokens except padding, weighted by their position from 1 (Muennighoff 2022,
     * arXiv:2202.08904, Section 3.1).
     */
    WEIGHTED_MEAN,
    /** The last token that is not padding. */
    LAST;

    /** {@return the layer that pools} */
    public LayerSpec layer(String name) {
        return switch (this) {
            case CLS -> new TakeToken(name, 0);
            case MEAN -> new GlobalAveragePool(name, true);
            case LAST -> new LastTokenPool(name);
            case MAX, MEAN_SQRT, WEIGHTED_MEAN -> new TokenPool(name, this);
        };
    }
}
