package io.residuum.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import io.residuum.engine.Backend;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Compares a program with the network it is to stand for: their outputs, and in training the
 * running statistics they leave and the gradients of all parameters.
 *
 * @param backend where both run
 * @param inputs of both
 * @param itself computes the network's output, drawing nothing
 * @param parameters those that are trained or changed by computing it; none in evaluation
 */
record ProgramCheck(
        Backend backend,
        NDList inputs,
        Function<NDList, NDArray> itself,
        Collection<Parameter> parameters) {

    /** Of gradients in float32: rounding that moves an activation over a kink counts more there. */
    private static final double GRADIENTS = 3e-2;

    private static final NDIndex ALL = new NDIndex("...");

    /** The results of a pass. */
    private record Outcome(float[] output, float[] statistics, float[] gradients) {}

    /**
     * Checks a program in float32 first. In 16 bits the outputs of deep networks are too far off to
     * tell an error from rounding.
     *
     * @param compute what the program computes in
     * @param difference says how the program in a type differs; empty if it does not
     * @return the first difference
     */
    static Optional<String> inFloat32First(
            ComputeType compute, Function<ComputeType, Optional<String>> difference) {
        Optional<String> wrong =
                compute == ComputeType.FLOAT32
                        ? Optional.empty()
                        : difference.apply(ComputeType.FLOAT32);
        return wrong.isPresent() ? wrong : difference.apply(compute);
    }

    /**
     * Compares a program's outcome.
     *
     * @param compiled the program, which draws nothing
     * @param compute what it computes in, which says how far outputs may be apart; gradients are
     *     compared in float32 alone
     * @param samples at most so many of the inputs are compared
     * @return a sentence; empty if they agree
     */
    Optional<String> difference(CompiledProgram compiled, ComputeType compute, int samples) {
        boolean backward = compute == ComputeType.FLOAT32 && !parameters.isEmpty();
        Outcome wanted = outcome(some -> ForwardResult.of(itself.apply(some)), samples, backward);
        Outcome found = outcome(compiled::record, samples, backward);
        Optional<String> wrong = difference(wanted.output(), found.output(), compute);
        if (wrong.isEmpty()) {
            wrong =
                    apart(
                            "running statistics",
                            wanted.statistics(),
                            found.statistics(),
                            compute.tolerance(),
                            compute);
        }
        if (wrong.isEmpty()) {
            wrong = apart("gradients", wanted.gradients(), found.gradients(), GRADIENTS, compute);
        }
        return wrong;
    }

    private Outcome outcome(Function<NDList, ForwardResult> pass, int samples, boolean backward) {
        // What is computed on the way belongs to the input's manager.
        try (NDManager scratch = inputs.head().getManager().newSubManager();
                Ops.Pause pause = backend.ops().pauseRecording()) {
            NDList some = first(samples, scratch);
            List<NDArray> statistics = statistics();
            NDList before = new NDList();
            for (NDArray array : statistics) {
                before.add(in(scratch, array.duplicate()));
            }
            float[] output;
            float[] gradients = {};
            if (backward) {
                NDArray result;
                try (GradientCollector collector = backend.newGradientCollector()) {
                    ForwardResult recording = pass.apply(some);
                    result = recording.output();
                    recording.backward(collector, number(result));
                }
                output = Values.floats(result);
                gradients = gradients(scratch);
            } else {
                output = Values.floats(pass.apply(some).output());
            }
            float[] after = joined(statistics, scratch);
            for (int i = 0; i < statistics.size(); i++) {
                before.get(i).copyTo(statistics.get(i));
            }
            return new Outcome(output, after, gradients);
        }
    }

    /**
     * Compares numbers.
     *
     * @param wanted the network's own
     * @param found those of a program
     * @param compute what it computes in
     * @return a sentence; empty if they agree
     */
    static Optional<String> difference(float[] wanted, float[] found, ComputeType compute) {
        return apart("outputs", wanted, found, compute.tolerance(), compute);
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

    /**
     * Returns the number of which gradients are taken: squares, since norms over the batch cancel
     * what is the same for all samples, with weights, since norms over features make the sum of
     * squares a constant.
     */
    private static NDArray number(NDArray output) {
        NDManager manager = output.getManager();
        Ops ops = Ops.of(manager);
        long last = output.getShape().get(output.getShape().dimension() - 1);
        NDArray weights = ops.div(ops.add(manager.arange((float) last), 1), last);
        return output.square().mul(weights).mean();
    }

    /**
     * Three numbers for each gradient, of its own size: its norm, its sum and its product with the
     * parameter. Whole gradients, twice, might not fit. They are zero afterwards.
     */
    private float[] gradients(NDManager scratch) {
        Ops ops = Ops.of(scratch);
        List<NDArray> numbers = new ArrayList<>();
        for (Parameter p : parameters) {
            NDArray value = p.getArray();
            if (value.hasGradient()) {
                NDArray gradient = in(scratch, value.getGradient());
                NDArray flat = in(scratch, gradient.flatten());
                NDArray other = in(scratch, value.flatten());
                numbers.add(norm(flat));
                numbers.add(ops.div(flat.sum(), Math.sqrt(flat.size())));
                numbers.add(flat.mul(other).sum().div(ops.add(norm(other), Float.MIN_NORMAL)));
                // In place, and not multiplied: zero times infinity is no number. A copy by PyTorch
                // would make the array one of Java's memory, which goes with this handle.
                gradient.set(ALL, 0);
            }
        }
        return joined(numbers, scratch);
    }

    private static NDArray norm(NDArray flat) {
        return flat.square().sum().sqrt();
    }

    private List<NDArray> statistics() {
        return parameters.stream()
                .filter(
                        p ->
                                p.getType() == Parameter.Type.RUNNING_MEAN
                                        || p.getType() == Parameter.Type.RUNNING_VAR)
                .map(Parameter::getArray)
                .toList();
    }

    private static float[] joined(List<NDArray> arrays, NDManager scratch) {
        if (arrays.isEmpty()) {
            return new float[0];
        }
        NDList flat = new NDList();
        arrays.forEach(array -> flat.add(in(scratch, array.reshape(-1))));
        return Values.floats(in(scratch, NDArrays.concat(flat)));
    }

    private static NDArray in(NDManager scratch, NDArray array) {
        array.attach(scratch);
        return array;
    }

    private static Optional<String> apart(
            String what, float[] wanted, float[] found, double most, ComputeType compute) {
        double relative = relative(wanted, found);
        return relative <= most
                ? Optional.empty()
                : Optional.of(
                        String.format(
                                "its %s must be within %.0e of the network's own, got %.1e in %s",
                                what, most, relative, compute));
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
}
