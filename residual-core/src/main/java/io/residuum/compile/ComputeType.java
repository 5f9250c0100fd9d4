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
    /** Eleven bits of precision, for magnitudes from 6e-8 to 65,504. */
    FLOAT16("float16", DataType.FLOAT16, 0.1);

    /** The relative error of deep networks of convolutions, 6e-3 for ResNet-50, with a margin. */
    private static final double TF32_TOLERANCE = 3e-2;

    private final String label;
    private final DataType type;
    private final double tolerance;

    ComputeType(String label, DataType type, double tolerance) {
        this.label = label;
        this.type = type;
        this.tolerance = tolerance;
    }

    /** {@return the type in DJL} */
    public DataType type() {
        return type;
    }

    /**
     * {@return the largest relative error of a compiled network: the norm of the difference to the
     * uncompiled outputs, divided by their norm. It is 1e-3 for float32, 0.5 for bfloat16 and 0.1
     * for float16: rounding errors grow with depth, so these only exclude nonsense}
     */
    public double tolerance() {
        return tolerance;
    }

    /**
     * {@return the tolerance on a GPU or a CPU} On a GPU, convolutions round float32 operands to
     * TF32, which has the eleven bits of float16.
     */
    double tolerance(boolean gpu) {
        return gpu ? Math.max(tolerance, TF32_TOLERANCE) : tolerance;
    }

    @Override
    public String toString() {
        return label;
    }
}
