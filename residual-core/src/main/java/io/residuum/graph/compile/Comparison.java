package io.residuum.graph.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.nn.Parameter;
import io.residuum.engine.Values;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Compares a program with the network it is to stand for.
 *
 * @param inputs of both
 * @param itself computes the network's output
 * @param parameters those that may be changed by computing it
 */
record Comparison(
        NDList inputs, Function<NDList, NDArray> itself, Map<String, Parameter> parameters) {

    /**
     * How the outputs differ.
     *
     * @param compiled the program
     * @param compute what it computes in, which says how far they may be apart
     * @param samples at most so many of the inputs are compared
     * @return a sentence; empty if they are alike
     */
    Optional<String> difference(Compiled compiled, ComputeType compute, int samples) {
        // What the network computes on the way belongs to its input's manager.
        try (NDManager scratch = inputs.head().getManager().newSubManager()) {
            NDList some = first(samples, scratch);
            Map<NDArray, NDArray> before = statistics(scratch);
            float[] wanted = Values.floats(itself.apply(some));
            restore(before);
            float[] found = Values.floats(compiled.run(some));
            restore(before);
            return difference(wanted, found, compute);
        }
    }

    /**
     * How numbers differ.
     *
     * @param wanted the network's own
     * @param found those of a program
     * @param compute what it computes in
     * @return a sentence; empty if they are alike
     */
    static Optional<String> difference(float[] wanted, float[] found, ComputeType compute) {
        double relative = relative(wanted, found);
        double most = compute.tolerance();
        return relative <= most
                ? Optional.empty()
                : Optional.of(
                        String.format(
                                "its outputs must be within %.0e of the network's own, got %.1e in"
                                        + " %s",
                                most, relative, compute));
    }

    private NDList first(int samples, NDManager scratch) {
        NDList some = new NDList(inputs.size());
        for (NDArray input : inputs) {
            NDArray part =
                    samples < input.getShape().get(0)
                            ? input.get(new NDIndex("0:{}", samples))
                            : input.duplicate();
            part.attach(scratch);
            part.setName(input.getName());
            some.add(part);
        }
        return some;
    }

    /** Not at most anything where a number is not finite. */
    private static double relative(float[] wanted, float[] found) {
        double error = 0;
        double norm = 0;
        for (int i = 0; i < wanted.length; i++) {
            error += Math.pow(wanted[i] - (double) found[i], 2);
            norm += Math.pow(wanted[i], 2);
        }
        return Math.sqrt(error / Math.max(norm, Double.MIN_NORMAL));
    }

    /** Copies of what a forward pass in training changes. */
    private Map<NDArray, NDArray> statistics(NDManager scratch) {
        Map<NDArray, NDArray> copies = new LinkedHashMap<>();
        for (Parameter p : parameters.values()) {
            if (p.getType() == Parameter.Type.RUNNING_MEAN
                    || p.getType() == Parameter.Type.RUNNING_VAR) {
                NDArray copy = p.getArray().duplicate();
                copy.attach(scratch);
                copies.put(p.getArray(), copy);
            }
        }
        return copies;
    }

    private static void restore(Map<NDArray, NDArray> before) {
        before.forEach((array, copy) -> copy.copyTo(array));
    }
}
