package io.residuum.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Sums of gradients over the backward passes of segments, on engines that overwrite gradients. */
final class GradientSums {
    private final Map<String, NDArray> sums = new HashMap<>();
    private final NDManager manager;

    GradientSums(NDManager manager) {
        this.manager = manager;
    }

    /** Adds a gradient that the next backward pass may overwrite. */
    void add(String name, NDArray gradient) {
        NDArray sum = sums.get(name);
        if (sum == null) {
            NDArray copy = gradient.duplicate();
            copy.attach(manager);
            sums.put(name, copy);
        } else {
            sum.addi(gradient);
        }
    }

    /** Removes and returns a sum; null if there is none. */
    @Nullable NDArray take(String name) {
        return sums.remove(name);
    }

    /** Writes the sums into the gradients of arrays. */
    void write(Function<String, NDArray> arrays) {
        sums.forEach(
                (name, sum) -> {
                    try (NDArray gradient = arrays.apply(name).getGradient()) {
                        sum.copyTo(gradient);
                    }
                });
    }
}
