package io.residuum.spec.graph;

import io.residuum.spec.Check;
import io.residuum.spec.Shorthand;
import java.util.HashSet;
import java.util.List;

/**
 * Names of values in a graph. In JSON one name or an array of names.
 *
 * @param all the names, in order
 */
public record Names(List<String> all) {
    /** No names. */
    public static final Names NONE = new Names(List.of());

    public Names {
        all = List.copyOf(all);
        for (String name : all) {
            Check.that(
                    !name.isBlank() && !name.contains("."),
                    "a name must not be blank or contain a dot, got \"%s\"",
                    name);
        }
    }

    /** Requires that no name is there twice. */
    void requireDistinct(String component) {
        Check.that(
                new HashSet<>(all).size() == all.size(),
                "%s must be different names, got %s",
                component,
                all);
    }

    /** {@return one name} */
    @Shorthand
    public static Names of(String name) {
        return new Names(List.of(name));
    }

    /**
     * {@return several names}
     *
     * @param names the names, in order
     */
    @Shorthand
    public static Names of(List<String> names) {
        return new Names(names);
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    @Override
    public String toString() {
        return String.join(", ", all);
    }
}
