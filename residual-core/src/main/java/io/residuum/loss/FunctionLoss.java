package io.residuum.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/** A loss from a function. It is no record, because JSON cannot hold a function. */
final class FunctionLoss implements LossSpec {
    private final JavaLoss written;
    private final BinaryOperator<NDArray> errors;

    FunctionLoss(String name, double weight, BinaryOperator<NDArray> errors) {
        this.written = new JavaLoss(name, weight);
        this.errors = errors;
    }

    @Override
    public double weight() {
        return written.weight();
    }

    @Override
    public LossSpec written() {
        return written;
    }

    @Override
    public Loss of(@Nullable Target target, Shape output, DataType type) {
        return new NumberLoss(Losses.oneHot(written.name(), target, output), type, errors);
    }

    @Override
    public String toString() {
        return written.toString();
    }
}
