package io.residuum.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The loss of an output, in the recipe. The interface is open: a record of yours that implements it
 * has a name in JSON once a {@link io.residuum.spec.RecordProvider} registers it. {@link
 * #of(String, double, BinaryOperator)} makes a loss from a lambda.
 */
public interface LossSpec {

    /** {@return the factor of this loss in the sum over all outputs, not negative} */
    double weight();

    /** {@return true if the loss compares the output with a target from the data. Default: true} */
    default boolean needsTarget() {
        return true;
    }

    /**
     * {@return true if the loss of a sample depends on the other samples of its batch. An update by
     * several passes then differs from that of one large batch, so training refuses it. Default:
     * false}
     */
    default boolean comparesSamples() {
        return false;
    }

    /**
     * {@return true if the output holds logits of labels that are 0 or 1, each by itself.
     * Evaluation then counts right labels instead of errors of numbers. Default: false}
     */
    default boolean binaryLogits() {
        return false;
    }

    /**
     * {@return the record that stands for this loss in the JSON of a run. Default: this loss, which
     * must be a registered record}
     */
    default LossSpec written() {
        return this;
    }

    /**
     * Binds the loss to the targets of one forward pass.
     *
     * @param target the target; null only if it needs none
     * @param output the shape of the output with the batch size of the pass
     * @param type the type of the output
     * @throws LossException if it cannot compare such an output with such a target
     */
    Loss of(@Nullable Target target, Shape output, DataType type);

    /**
     * {@return a loss from a function of the output and its target, which have the same shape;
     * classes arrive as one-hot rows} The loss is the mean of what the function returns: one number
     * for each number of the target, or as many for each sample. Unknown targets do not count; they
     * need one number for each.
     *
     * <p>The function uses operations with gradients only, takes numbers through {@link
     * io.residuum.engine.Ops}, and changes no array in place. JSON cannot hold it. A run folder
     * names it, and resuming the run needs the same recipe in Java.
     *
     * @param name the name in the run folder and in errors
     * @param weight the factor of the loss in the sum over all outputs
     * @param errors computes the losses from the output and the target
     */
    static LossSpec of(String name, double weight, BinaryOperator<NDArray> errors) {
        return new FunctionLoss(name, weight, errors);
    }
}
