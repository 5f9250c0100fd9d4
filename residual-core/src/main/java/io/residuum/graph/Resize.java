package io.residuum.graph;

import io.residuum.engine.Interpolation;

/**
 * Interpolation of images {@code (N, C, H, W)} to the height and width of the node.
 *
 * @param interpolation the settings
 */
public record Resize(Interpolation interpolation) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
        return visitor.resize(this);
    }
}
