package io.residuum.graph;

/**
 * Rounds values to 8 bits whose range is that of the values in each run, extended to zero. Only
 * linear layers read them, on runtimes that multiply integers.
 */
public record DynamicQuantize() implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
        return visitor.dynamicQuantize(this);
    }
}
