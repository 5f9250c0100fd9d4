package io.residuum.loss;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import org.jspecify.annotations.Nullable;

/**
 * The mean absolute error.
 *
 * @param weight the factor of this loss in the sum over all outputs, not negative. Default: 1
 */
@TypeName("l1")
public record MeanAbsoluteError(@Default("1.0") double weight) implements LossSpec {
    public MeanAbsoluteError {
        Losses.checkWeight(weight);
    }

    @Override
    public Loss of(@Nullable Target target, Shape output, DataType type) {
        return new NumberLoss(
                Losses.numbers("l1", target, output), type, (y, wanted) -> y.sub(wanted).abs());
    }
}
