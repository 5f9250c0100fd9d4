package io.residuum.loss;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import org.jspecify.annotations.Nullable;

/**
 * The place of a Java function in the JSON of a run. It cannot compute: the function is in the
 * program that trained the run.
 *
 * @param name the name that the program gave to the function
 * @param weight the factor of this loss in the sum over all outputs, not negative. Default: 1
 */
@TypeName("java")
public record JavaLoss(String name, @Default("1.0") double weight) implements LossSpec {
    public JavaLoss {
        Check.that(!name.isBlank(), "name must not be blank");
        Losses.checkWeight(weight);
    }

    @Override
    public Loss of(@Nullable Target target, Shape output, DataType type) {
        throw new LossException(
                "the loss \"%s\" must be a function of your program, but JSON only names it: put it into losses of the recipe in Java (LossSpec.of), or register a record for it"
                        .formatted(name));
    }
}
