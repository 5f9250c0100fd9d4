package io.residuum.graph;

/**
 * Replaces the last rows of an array {@code (B, K, D)} by rows {@code (B, T, D)}. Nothing else
 * reads the array, so it may be changed in place.
 *
 * @param rows the number of rows, T
 */
public record WriteLast(long rows) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
        return visitor.writeLast(this);
    }
}
