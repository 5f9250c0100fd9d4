package io.residuum.transformer.layers;

/** The kind of position vectors that are added to embeddings. */
public enum PositionTable {
    /** No positions. */
    NONE,
    /** A learned row for each position (Gehring et al. 2017, arXiv:1705.03122). */
    LEARNED,
    /** Sines and cosines of the position (Vaswani et al. 2017, arXiv:1706.03762, Section 3.5). */
    SINUSOIDAL
}
