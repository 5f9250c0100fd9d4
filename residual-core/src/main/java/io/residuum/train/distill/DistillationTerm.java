package io.residuum.train.distill;

import ai.djl.ndarray.types.Shape;
import io.residuum.loss.Loss;
import io.residuum.loss.Target;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The loss of one output of a student against its teacher in one forward pass.
 *
 * @param output the output of the student
 * @param kind what it is compared with, for metrics
 * @param weight the factor of the loss
 * @param binding creates the loss from the shape of the student's output and its target
 */
public record DistillationTerm(
        String output,
        String kind,
        double weight,
        BiFunction<Shape, @Nullable Target, Loss> binding) {

    /**
     * {@return the loss of the pass}
     *
     * @param student the shape of the student's output
     * @param target the target of the data, if there is one; ignored positions do not count here
     *     either
     * @throws io.residuum.loss.LossException if teacher and student do not fit
     */
    public Loss loss(Shape student, @Nullable Target target) {
        return binding.apply(student, target);
    }
}
