package io.residuum.graph.trace;

import ai.djl.ndarray.types.Shape;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import java.util.Arrays;

/**
 * The batch size of tracing, a large prime: sizes that depend on the batch are multiples of it, and
 * no other size is. Graphs hold N instead.
 */
final class BatchProbe {
    static final long SIZE = 1_000_003;

    private BatchProbe() {}

    static boolean isIn(long size) {
        return size != 0 && size % SIZE == 0;
    }

    static DimExpr dim(long size) {
        return isIn(size) ? DimExpr.BATCH.times(dim(size / SIZE)) : DimExpr.of(size);
    }

    static Dims dims(Shape shape) {
        return new Dims(Arrays.stream(shape.getShape()).mapToObj(BatchProbe::dim).toList());
    }
}
