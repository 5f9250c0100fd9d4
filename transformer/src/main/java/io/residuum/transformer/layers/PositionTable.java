package io.residuum.transformer.layers;

/** Vectors added to embeddings so that positions differ. */
public enum PositionTable {
    /** Nothing. */
    NONE,
    /** A learned row for each position (Gehring et al. 2017, arXiv:1705.03122). */
    LEARNED,
    /** Sines and cosines of the position (Vaswani et al. 2017, arXiv:1706.03762, Section 3.5). */
    SINUSOIDAL
}
