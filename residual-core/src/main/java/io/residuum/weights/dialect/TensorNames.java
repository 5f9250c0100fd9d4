package io.residuum.weights.dialect;

import io.residuum.spec.Check;
import io.residuum.spec.Shorthand;
import java.util.List;

/**
 * One name, or the names of several tensors that are concatenated along their first dimension. In
 * JSON, a string or a list of strings.
 *
 * @param names patterns of names, in the order of concatenation
 */
public record TensorNames(List<String> names) {
    public TensorNames {
        names = List.copyOf(names);
        Check.that(!names.isEmpty(), "names must not be empty");
    }

    /**
     * {@return one name}
     *
     * @param name a pattern
     */
    @Shorthand
    public static TensorNames of(String name) {
        return new TensorNames(List.of(name));
    }

    /**
     * {@return several names}
     *
     * @param names patterns, in the order of concatenation
     */
    @Shorthand
    public static TensorNames of(List<String> names) {
        return new TensorNames(names);
    }
}
