package io.residuum.weights.dialect;

import io.residuum.spec.Check;
import io.residuum.spec.Doc;
import io.residuum.spec.Shorthand;
import java.util.List;

/**
 * One name, or several whose tensors lie on top of each other along their first dimension. In JSON
 * a string or a list of strings.
 *
 * @param names patterns of names
 */
@Doc("A name, or the names of several tensors that lie on top of each other.")
public record TensorNames(List<String> names) {

    /** Copies the names. */
    public TensorNames {
        names = List.copyOf(names);
        Check.that(!names.isEmpty(), "names must not be empty");
    }

    /**
     * One name.
     *
     * @param name a pattern
     * @return the name
     */
    @Shorthand
    public static TensorNames of(String name) {
        return new TensorNames(List.of(name));
    }

    /**
     * Several names.
     *
     * @param names patterns
     * @return the names, in the order of their rows
     */
    @Shorthand
    public static TensorNames of(List<String> names) {
        return new TensorNames(names);
    }
}
