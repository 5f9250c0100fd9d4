package io.residuum.recurrent;

import ai.djl.ndarray.types.Shape;
import io.residuum.spec.Check;
import java.util.List;

/**
 * A state of a cell.
 *
 * @param name its name
 * @param shape its shape for one sample, without the batch
 */
public record State(String name, List<Integer> shape) {
    public State {
        shape = List.copyOf(shape);
        Check.that(
                !name.isBlank() && !name.contains("."),
                "name must not be blank or contain a dot, got \"%s\"",
                name);
        Check.that(
                !shape.isEmpty() && shape.stream().allMatch(size -> size > 0),
                "shape must be one or more positive numbers, got %s",
                shape);
    }

    /**
     * Creates a state that is a vector.
     *
     * @param units its size
     */
    public State(String name, int units) {
        this(name, List.of(units));
    }

    Shape batchShape() {
        return new Shape(-1).addAll(new Shape(shape.stream().mapToLong(size -> size).toArray()));
    }
}
