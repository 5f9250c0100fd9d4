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
 * Compares a program with its network: all outputs and, in training, the running statistics after
 * it and the gradients of all parameters.
 *
 * @param backend the backend of both
 * @param inputs the inputs of both
 * @param network computes the network's outputs, without dropout
 * @param names the names of the outputs
 * @param parameters the parameters that training changes; none in evaluation
 */
record ProgramCheck(
        Backend backend,
        NDList inputs,
        Function<NDList, NDList> network,
        List<String> names,
        Collection<Parameter> parameters) {

    /**
     * The tolerance of float32 gradients, where rounding that moves an activation over a kink
     * counts more.
     */
    private static final double GRADIENT_TOLERANCE = 3e-2;

    /** The tolerance of gradients on a GPU, where convolutions compute in TF32. */
    private static final double GPU_GRADIENT_TOLERANCE = 0.3;

    private static final NDIndex ALL = new NDIndex("...");

    private record Results(List<float[]> outputs, float[] statistics, float[] gradients) {}

    /**
     * Checks a program in float32 before its 16-bit type, in which rounding in deep networks is too
     * large to tell an error.
     *
     * @param compute the type of the program
     * @param difference describes how the program in a type differs; empty if it does not
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
     * Compares a program with the network.
     *
     * @param compiled the program, without dropout
     * @param compute its type, which sets the tolerance; gradients are compared in float32 only
     * @param samples the largest number of samples to compare
     * @return a sentence; empty if they agree
     */
    Optional<String> difference(CompiledProgram compiled, ComputeType compute, int samples) {
        boolean gpu = backend.device().isGpu();
        return difference(compiled, compute.tolerance(gpu), compute, samples);
    }

    /** Compares a program whose numbers have some precision, which the sentence names. */
    Optional<String> difference(
            CompiledProgram compiled, double tolerance, Object precision, int samples) {
        boolean backward = precision == ComputeType.FLOAT32 && !parameters.isEmpty();
        Results wanted = results(some -> ForwardResult.of(network.apply(some)), samples, backward);
        Results found = results(compiled::record, samples, backward);
        Optional<String> wrong = Optional.empty();
        for (int i = 0; i < names.size() && wrong.isEmpty(); i++) {
            String what = names.size() == 1 ? "outputs" : "output \"" + names.get(i) + "\"";
            float[] output = wanted.outputs().get(i);
            wrong = compare(what, output, found.outputs().get(i), tolerance, precision);
        }
        if (wrong.isEmpty()) {
            wrong =
                    compare(
                            "running statistics",
                            wanted.statistics(),
                            found.statistics(),
                            tolerance,
                            precision);
        }
        if (wrong.isEmpty()) {
            wrong =
                    compare(
                            "gradients",
                            wanted.gradients(),
                            found.gradients(),
                            backend.device().isGpu() ? GPU_GRADIENT_TOLERANCE : GRADIENT_TOLERANCE,
                            precision);
        }
        return wrong;
    }

    private Results results(Function<NDList, ForwardResult> pass, int samples, boolean backward) {
        // Intermediate results belong to the input's manager.
        try (NDManager scratch = inputs.head().getManager().newSubManager();
                Ops.Pause pause = backend.ops().pauseRecording()) {
            NDList some = first(samples, scratch);
            List<NDArray> statistics = statistics();
            NDList before = new NDList();
            for (NDArray array : statistics) {
                before.add(attached(scratch, array.duplicate()));
            }
            NDList results;
            float[] gradients = {};
            if (backward) {
                try (GradientCollector collector = backend.newGradientCollector()) {
                    ForwardResult forward = pass.apply(some);
                    results = forward.outputs();
                    // One backward pass for all: engines free what a second one would need.
                    forward.backward(
                            collector,
                            results.stream()
                                    .map(ProgramCheck::scalar)
                                    .reduce(NDArray::add)
                                    .orElseThrow());
                }
                gradients = gradients(scratch);
            } else {
                results = pass.apply(some).outputs();
            }
            List<float[]> outputs = results.stream().map(Values::floats).toList();
            float[] after = concatenated(statistics, scratch);
            for (int i = 0; i < statistics.size(); i++) {
                before.get(i).copyTo(statistics.get(i));
            }
            return new Results(outputs, after, gradients);
        }
    }

    /** Returns a sentence if a program's outputs differ from the network's; empty if they agree. */
    static Optional<String> difference(
            float[] wanted, float[] found, ComputeType compute, boolean gpu) {
        return compare("outputs", wanted, found, compute.tolerance(gpu), compute);
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
     * Returns the scalar whose gradients are compared. It has squares, since norms over the batch
     * cancel what all samples share, and weights, since norms over features make the sum of squares
     * constant.
     */
    private static NDArray scalar(NDArray output) {
        NDManager manager = output.getManager();
        Ops ops = Ops.of(manager);
        long last = output.getShape().get(output.getShape().dimension() - 1);
        NDArray weights = ops.div(ops.add(manager.arange((float) last), 1), last);
        return output.square().mul(weights).mean();
    }

    /**
     * Returns three numbers per gradient, scaled to its size: its norm, its sum and its product
     * with the parameter. Two copies of all gradients might not fit. Sets the gradients to zero.
     */
    private float[] gradients(NDManager scratch) {
        Ops ops = Ops.of(scratch);
        List<NDArray> numbers = new ArrayList<>();
        for (Parameter p : parameters) {
            NDArray value = p.getArray();
            if (value.hasGradient()) {
                NDArray gradient = attached(scratch, value.getGradient());
                NDArray flat = attached(scratch, gradient.flatten());
                NDArray other = attached(scratch, value.flatten());
                numbers.add(norm(flat));
                numbers.add(ops.div(flat.sum(), Math.sqrt(flat.size())));
                numbers.add(flat.mul(other).sum().div(ops.add(norm(other), Float.MIN_NORMAL)));
                // In place: a copy by PyTorch would put the array into Java's memory, which is
                // freed with this handle. Not multiplied: zero times infinity is NaN.
                gradient.set(ALL, 0);
            }
        }
        return concatenated(numbers, scratch);
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

    private static float[] concatenated(List<NDArray> arrays, NDManager scratch) {
        if (arrays.isEmpty()) {
            return new float[0];
        }
        NDList flat = new NDList();
        arrays.forEach(array -> flat.add(attached(scratch, array.reshape(-1))));
        return Values.floats(attached(scratch, NDArrays.concat(flat)));
    }

    private static NDArray attached(NDManager scratch, NDArray array) {
        array.attach(scratch);
        return array;
    }

    private static Optional<String> compare(
            String what, float[] wanted, float[] found, double tolerance, Object precision) {
        for (float value : wanted) {
            if (!Float.isFinite(value)) {
                return Optional.of(
                        "its %s cannot be checked, because the network's own are not finite, but %s"
                                .formatted(what, value));
            }
        }
        double relative = relative(wanted, found);
        return relative <= tolerance
                ? Optional.empty()
                : Optional.of(
                        String.format(
                                "its %s must be within %.0e of the network's own, got %.1e in %s",
                                what, tolerance, relative, precision));
    }

    /** Returns the relative error; NaN, which is within no tolerance, if a number is not finite. */
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
