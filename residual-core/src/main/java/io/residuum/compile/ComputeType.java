package io.residuum.compile;

import ai.djl.ndarray.types.DataType;

/** The type in which convolutions and matrix products compute. Weights and results are float32. */
public enum ComputeType {
    /** Single precision. */
    FLOAT32("float32", DataType.FLOAT32, 1e-3),
    /**
     * Eight bits of precision and the range of float32 (Kalamkar et al. 2019, arXiv:1905.12322).
     */
    BFLOAT16("bfloat16", DataType.BFLOAT16, 0.5),
    /** Eleven bits of precision; what is below 6e-8 or above 65,504 is lost. */
    FLOAT16("float16", DataType.FLOAT16, 0.1);

    private final String label;
    private final DataType type;
    private final double tolerance;

    ComputeType(String label, DataType type, double tolerance) {
        this.label = label;
        this.type = type;
        this.tolerance = tolerance;
    }

    /**
     * DJL's name of the type.
     *
     * @return the type
     */
    public DataType type() {
        return type;
    }

    /**
     * Returns the largest relative error of a compiled network: the norm of the difference to the
     * network itself by the norm of the outputs.
     *
     * @return 1e-3 for float32; 0.5 for bfloat16 and 0.1 for float16, of which a deep network loses
     *     many digits: enough to tell nonsense
     */
    public double tolerance() {
        return tolerance;
    }

    @Override
    public String toString() {
        return label;
    }
}
