package io.residuum.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.spec.InputSpec;
import io.residuum.spec.NamedInput;
import java.util.List;
import java.util.Locale;

/** Checks arrays against a spec's input, so that errors do not come from an engine. */
final class InputCheck {
    private InputCheck() {}

    /**
     * Checks the input's rank, batch, channels and type. Height, width and length are free, because
     * layers decide which they accept.
     *
     * @param spec the inputs that the network declares
     * @param inputs the first input, then the others by name
     * @param type the type of the network's parameters
     * @throws IllegalArgumentException if an input does not fit
     */
    static void check(InputSpec spec, NDList inputs, DataType type) {
        require(!inputs.isEmpty(), spec.batchShape(), "no array");
        List<NamedInput> all = spec.all();
        check(all.get(0).input(), inputs.head(), type);
        for (NamedInput other : all.subList(1, all.size())) {
            try {
                inputs.stream()
                        .skip(1)
                        .filter(array -> other.name().equals(array.getName()))
                        .forEach(array -> check(other.input(), array, type));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(other.name() + ": " + e.getMessage(), e);
            }
        }
    }

    private static void check(InputSpec spec, NDArray input, DataType type) {
        Shape expected = spec.batchShape();
        Shape shape = input.getShape();
        require(shape.dimension() == expected.dimension(), expected, shape);
        require(shape.get(0) > 0, expected, shape + ": give at least one sample");
        if (spec instanceof InputSpec.Tokens) {
            require(shape.get(1) > 0, expected, shape + ": give at least one token");
            require(input.getDataType().isInteger(), expected, input, "int64");
            return;
        }
        if (spec instanceof InputSpec.Image || expected.dimension() == 2) {
            require(shape.get(1) == expected.get(1), expected, shape);
        }
        require(input.getDataType() == type, expected, input, name(type));
    }

    private static void require(boolean ok, Shape expected, Object found) {
        if (!ok) {
            throw new IllegalArgumentException(
                    "the input must be (N, ...) like " + expected + ", found " + found);
        }
    }

    private static void require(boolean ok, Shape expected, NDArray input, String type) {
        if (!ok) {
            throw new IllegalArgumentException(
                    "the input %s must be of type %s, found %s: convert it with toType"
                            .formatted(expected, type, name(input.getDataType())));
        }
    }

    private static String name(DataType type) {
        return type.name().toLowerCase(Locale.ROOT);
    }
}
