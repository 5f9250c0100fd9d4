package io.residuum.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import org.jspecify.annotations.Nullable;

/**
 * The mean squared error, without a factor of one half.
 *
 * @param weight the factor of this loss in the sum over all outputs, not negative. Default: 1
 */
@TypeName("mse")
public record MeanSquaredError(@Default("1.0") double weight) implements LossSpec {
    public MeanSquaredError {
        Losses.checkWeight(weight);
    }

    @Override
    public Loss of(@Nullable Target target, Shape output, DataType type) {
        return new NumberLoss(
                Losses.numbers("mse", target, output), type, MeanSquaredError::errors);
    }

    static NDArray errors(NDArray output, NDArray target) {
        return output.sub(target).square();
    }
}
