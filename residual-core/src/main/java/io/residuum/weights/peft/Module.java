package io.residuum.weights.peft;

import ai.djl.ndarray.types.Shape;

/** The tensors of one module: A, B, the lengths of rows for DoRA (else empty), and the scale. */
record Module(Shape shapeA, float[] a, Shape shapeB, float[] b, float[] lengths, double scale) {
    int rank() {
        return Math.toIntExact(shapeA.get(0));
    }
}
