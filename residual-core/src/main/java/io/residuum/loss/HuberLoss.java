package io.residuum.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import org.jspecify.annotations.Nullable;

/**
 * The Huber loss (Huber 1964): half the squared error up to delta, then a line.
 *
 * @param weight the factor of this loss in the sum over all outputs, not negative. Default: 1
 * @param delta the error at which the line begins, positive. Default: 1
 */
@TypeName("huber")
public record HuberLoss(@Default("1.0") double weight, @Default("1.0") double delta)
        implements LossSpec {
    public HuberLoss {
        Losses.checkWeight(weight);
        Losses.positive("delta", delta);
    }

    @Override
    public Loss of(@Nullable Target target, Shape output, DataType type) {
        return new NumberLoss(Losses.numbers("huber", target, output), type, this::errors);
    }

    private NDArray errors(NDArray output, NDArray target) {
        Ops ops = Ops.of(output.getManager());
        NDArray error = output.sub(target).abs();
        NDArray near = ops.minimum(error, delta);
        return ops.mul(near.square(), 0.5).add(ops.mul(error.sub(near), delta));
    }
}
