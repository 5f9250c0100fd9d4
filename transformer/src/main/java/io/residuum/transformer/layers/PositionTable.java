package io.residuum.transformer.layers;

/** The kind of position vectors that are added to embeddings. */
public enum PositionTable {
    /** No positions. */
    NONE,
    /** A learned row for each position (Gehring et al. 2017, arXiv:1705.03122). */
    LEARNED,
    /**
     * A learned row for each token that the side input {@code mask} keeps, counted from the first
     * of them, so that padding on the left moves no positions (OPT).
     */
    LEARNED_UNPADDED,
    /** Sines and cosines of the position (Vaswani et al. 2017, arXiv:1706.03762, Section 3.5). */
    SINUSOIDAL,
    /**
     * Sines of the position in the first half of the channels, cosines in the second. Frequencies
     * fall from 1 to 1/10000, as in tensor2tensor (M2M-100).
     */
    SINUSOIDAL_HALVES,
    /**
     * A learned row for each position that begins as sines in the first half of the channels and
     * cosines in the second, with the frequencies of the paper (Marian, Pegasus).
     */
    LEARNED_SINUSOIDAL
}
