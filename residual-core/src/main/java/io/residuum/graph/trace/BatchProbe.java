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

    /** Fails if a size of a parameter would be taken for the batch. */
    static void requireNone(String parameter, Shape shape) {
        if (Arrays.stream(shape.getShape()).anyMatch(BatchProbe::isIn)) {
            throw new UnsupportedOperationException(
                    "%s of shape %s, but capturing takes multiples of %d for the batch"
                            .formatted(parameter, shape, SIZE));
        }
    }

    static DimExpr dim(long size) {
        return isIn(size) ? DimExpr.BATCH.times(dim(size / SIZE)) : DimExpr.of(size);
    }

    static Dims dims(Shape shape) {
        return new Dims(Arrays.stream(shape.getShape()).mapToObj(BatchProbe::dim).toList());
    }
}
