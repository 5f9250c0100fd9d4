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
         * Creates the value of a call.
         *
         * @param in the input, charged for the memory of the value
         * @throws IllegalArgumentException if the arguments are wrong
         */
        Object make(List<Object> arguments, PickleInput in);
    }

    /** A placeholder of an object or a result that no weights depend on. */
    record Opaque(String type) {}

    /** Creates a placeholder for any call. */
    private record OpaqueMaker(Opaque made) implements Maker {
        @Override
        public Object make(List<Object> arguments, PickleInput in) {
            return made;
        }
    }

    /** {@return a name whose calls make placeholders} */
    static PickleGlobal opaque(String name) {
        return new PickleGlobal(name, new OpaqueMaker(new Opaque(name)));
    }

    boolean isOpaque() {
        return maker instanceof OpaqueMaker;
    }
}
