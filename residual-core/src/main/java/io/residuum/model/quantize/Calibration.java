package io.residuum.model.quantize;

/** Methods to choose the range of an activation from its values on data. */
public enum Calibration {
    /** From the smallest to the largest value. */
    MINMAX,
    /** Without the rarest values on both sides. */
    PERCENTILE,
    /** The threshold that keeps most of the distribution (Kullback-Leibler divergence). */
    ENTROPY
}
