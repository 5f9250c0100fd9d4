package io.residuum.weights;

import java.util.List;

/**
 * A global name of a pickle: a type, or a function that makes data.
 *
 * @param name the qualified name, with its module
 * @param maker implements a call of the name
 */
record PickleGlobal(String name, Maker maker) {

    /** Implements the call of a name. */
    @FunctionalInterface
    interface Maker {
        /**
         * Makes the value of a call.
         *
         * @param in the input, charged for the memory of the value
         * @throws IllegalArgumentException if the arguments are wrong
         */
        Object make(List<Object> arguments, PickleInput in);
    }

    /** A harmless value that no reader uses. */
    record Opaque(String type) {}

    /** {@return a name whose calls make opaque values} */
    static PickleGlobal opaque(String name) {
        Opaque made = new Opaque(name);
        return new PickleGlobal(name, (arguments, in) -> made);
    }
}
