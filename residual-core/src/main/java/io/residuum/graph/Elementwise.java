package io.residuum.graph;

import java.util.Locale;

/** An operation that applies one function of numbers to each element. */
public sealed interface Elementwise extends Operation
        permits Operation.Unary, Operation.Binary, Operation.Scalar {

    /** {@return the function, an {@link Operation.Function} or {@link Operation.Arithmetic}} */
    Enum<?> function();

    /** Returns the function's name, for instance {@code HardSwish}. */
    @Override
    default String name() {
        StringBuilder out = new StringBuilder();
        for (String word : function().name().split("_", -1)) {
            out.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        return out.toString();
    }
}
