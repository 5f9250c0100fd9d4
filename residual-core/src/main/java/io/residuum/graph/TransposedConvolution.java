package io.residuum.graph;

import io.residuum.engine.TransposedWindow;

/**
 * Transposed convolution of images {@code (N, C, H, W)}, weights {@code (C, F / groups, h, w)} and
 * an optional bias {@code (F)}; or of arrays with one or three axes of positions.
 *
 * @param window the sizes
 */
public record TransposedConvolution(TransposedWindow window) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
        return visitor.transposedConvolution(this);
    }
}
