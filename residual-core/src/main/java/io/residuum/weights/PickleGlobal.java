package io.residuum.weights;

import java.util.List;

/**
 * What a pickle refers to by name: a type, or a function that makes data of data.
 *
 * @param name its name, with the module before it
 * @param maker does what a call of it means
 */
record PickleGlobal(String name, Maker maker) {

    /** Makes a value. */
    @FunctionalInterface
    interface Maker {
        /**
         * Makes a value of the arguments of a call.
         *
         * @param in is charged with what the value takes
         * @throws IllegalArgumentException if these are not its arguments
         */
        Object make(List<Object> arguments, PickleInput in);
    }

    /** A value that was harmless to make and that nobody asks for. */
    record Opaque(String type) {}

    /** Returns a name whose calls make values that are carried and not understood. */
    static PickleGlobal opaque(String name) {
        Opaque made = new Opaque(name);
        return new PickleGlobal(name, (arguments, in) -> made);
    }
}
