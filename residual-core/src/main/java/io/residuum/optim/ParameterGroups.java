package io.residuum.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import io.residuum.engine.FusedOptimizer;
import io.residuum.engine.Ops;
import io.residuum.model.Network;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The trainable parameters and their gradients. Call {@link #beginPass} before every backward pass
 * and {@link #sumPasses} before an update. Then, on every engine, a gradient is the sum over the
 * backward passes since the last {@link #clear}. The engines differ: PyTorch sums gradients, while
 * MXNet replaces them and does not touch gradients of parameters outside the pass.
 */
public final class ParameterGroups implements AutoCloseable {

    /**
     * A parameter.
     *
     * @param path its path
     * @param value its array, changed in place
     * @param gradient the array in which the engine stores the gradient of a backward pass
     * @param decays true if weight decay applies
     * @param rate the learning-rate factor
     */
    public record Trained(
            String path, NDArray value, NDArray gradient, boolean decays, double rate) {}

    private static final double LEAST_NORM = 1e-6;
    private static final NDIndex EVERYWHERE = new NDIndex("...");

    private final List<Trained> all = new ArrayList<>();
    private final Network network;
    private final NDManager manager;
    private final Ops ops;
    private final Optional<FusedOptimizer> fused;

    /** The gradients of all passes but the last, in the order of {@link #all}; empty until used. */
    private final List<NDArray> earlier = new ArrayList<>();

    private int passes;

    /**
     * Collects the parameters that are not frozen.
     *
     * @param network a network with at least one such parameter
     * @param rates the learning-rate factors
     * @param decayNormsAndBiases true to apply weight decay to parameters of rank 0 and 1 too
     * @param noDecay patterns of the parameters without weight decay
     * @throws io.residuum.spec.SpecException if a pattern matches no parameter
     */
    public ParameterGroups(
            Network network,
            LearningRates rates,
            boolean decayNormsAndBiases,
            List<String> noDecay) {
        this.network = network;
        Set<String> excluded = matching(noDecay);
        this.manager = network.backend().newManager();
        this.ops = network.backend().ops();
        Map<String, Parameter> parameters = network.parameters();
        parameters.values().removeIf(p -> !p.requiresGradient());
        createGradients(network, parameters);
        parameters.forEach(
                (path, p) -> {
                    NDArray value = p.getArray();
                    NDArray gradient = value.getGradient();
                    gradient.attach(manager);
                    boolean decays =
                            (decayNormsAndBiases || value.getShape().dimension() > 1)
                                    && !excluded.contains(path);
                    double rate = rates.factor(path);
                    all.add(new Trained(path, value, gradient, decays, rate));
                });
        try (Ops.Pause pause = ops.pauseRecording()) {
            discard(); // PyTorch would add to gradients that an earlier use has left
        }
        this.fused =
                ops.fusedOptimizer(
                        manager,
                        all.stream().map(Trained::value).toList(),
                        all.stream().map(Trained::gradient).toList(),
                        List.of(),
                        List.of());
    }

    /**
     * Runs a backward pass that gives zeros. PyTorch has no gradient arrays before the first
     * backward pass, and keeps these arrays after it.
     */
    private void createGradients(Network network, Map<String, Parameter> parameters) {
        try (NDManager scratch = manager.newSubManager();
                GradientCollector collector = network.backend().newGradientCollector()) {
            NDList zeros = new NDList();
            for (Parameter p : parameters.values()) {
                NDArray zero = in(scratch, in(scratch, ops.mul(p.getArray(), 0)).sum());
                zeros.add(zero.reshape(1));
            }
            collector.backward(NDArrays.concat(zeros).sum());
        }
    }

    /** {@return all trainable parameters, in the network's order} */
    public List<Trained> all() {
        return all;
    }

    /** {@return the paths of the network's parameters that a pattern selects} */
    Set<String> matching(List<String> patterns) {
        Set<String> paths = new HashSet<>();
        patterns.forEach(pattern -> paths.addAll(network.parameters(pattern).keySet()));
        return paths;
    }

    /**
     * {@return the trainable parameters that no pattern selects}
     *
     * @param patterns as in {@link Network#freeze}
     * @throws io.residuum.spec.SpecException if a pattern matches no parameter
     */
    public List<Trained> without(List<String> patterns) {
        Set<String> excluded = matching(patterns);
        return all.stream().filter(t -> !excluded.contains(t.path)).toList();
    }

    /** {@return the parameters in lists of equal weight decay and rate} */
    Collection<List<Trained>> byDecayAndRate() {
        return all.stream()
                .collect(
                        Collectors.groupingBy(
                                t -> List.of(t.decays, t.rate),
                                LinkedHashMap::new,
                                Collectors.toList()))
                .values();
    }

    /** Prepares a backward pass: keeps the gradients of earlier passes and sets them to zero. */
    public void beginPass() {
        if (passes > 0) {
            if (earlier.isEmpty()) {
                all.forEach(
                        t -> earlier.add(manager.zeros(t.value.getShape(), t.value.getDataType())));
            }
            for (int i = 0; i < all.size(); i++) {
                NDArray gradient = all.get(i).gradient;
                earlier.get(i).addi(gradient);
                gradient.muli(0);
            }
        }
        passes++;
    }

    /**
     * Makes each gradient the sum over the passes since the last {@link #clear}.
     *
     * @param factor multiplies the sum
     */
    public void sumPasses(double factor) {
        for (int i = 0; i < all.size(); i++) {
            NDArray gradient = all.get(i).gradient;
            if (passes > 1) {
                gradient.addi(earlier.get(i));
                earlier.get(i).muli(0);
            }
            if (factor != 1) {
                gradient.muli(factor);
            }
        }
    }

    /**
     * Scales the gradients so that their global norm is at most {@code maximum}, as PyTorch's
     * {@code clip_grad_norm_} does, without waiting for the norm.
     */
    public void clip(double maximum, NDManager scratch) {
        fused.ifPresentOrElse(f -> f.clip(maximum), () -> clipEach(maximum, scratch));
    }

    private void clipEach(double maximum, NDManager scratch) {
        NDList squares = new NDList(all.size());
        for (Trained t : all) {
            squares.add(in(scratch, in(scratch, t.gradient.square()).sum()).reshape(1));
        }
        NDArray norm = NDArrays.concat(squares).sum().reshape(1).sqrt();
        NDArray factor = ops.minimum(ops.mul(ops.pow(ops.add(norm, 1e-6), -1), maximum), 1);
        for (Trained t : all) {
            t.gradient.muli(factor);
        }
    }

    /**
     * Bounds the norm of each row of the gradients by that of the parameter's row.
     *
     * @param settings the largest ratio
     * @param parameters those to clip, {@link #without} the excluded ones
     * @param scratch owns temporary arrays
     */
    public void clip(AdaptiveClip settings, List<Trained> parameters, NDManager scratch) {
        for (Trained t : parameters) {
            NDArray least = ops.maximum(rowNorms(t.value, scratch), settings.eps());
            NDArray norm = ops.maximum(rowNorms(t.gradient, scratch), LEAST_NORM);
            t.gradient.muli(ops.minimum(ops.mul(least, settings.factor()).div(norm), 1));
        }
    }

    private static NDArray rowNorms(NDArray x, NDManager scratch) {
        NDArray squares = in(scratch, x.square());
        int rank = x.getShape().dimension();
        return (rank < 2 ? squares.sum() : squares.sum(IntStream.range(1, rank).toArray(), true))
                .sqrt();
    }

    /** Sets the gradients to zero. */
    public void clear() {
        fused.ifPresentOrElse(
                FusedOptimizer::clear, () -> all.forEach(trained -> trained.gradient.muli(0)));
        passes = 0;
    }

    /**
     * Sets gradients to zero that may be infinite or NaN, where {@link #clear} would leave NaN: it
     * multiplies by zero.
     */
    public void discard() {
        // In place, because a copy by PyTorch would leave the array on Java memory.
        all.forEach(t -> t.gradient.set(EVERYWHERE, 0));
        earlier.forEach(sum -> sum.set(EVERYWHERE, 0));
        passes = 0;
    }

    /**
     * Moves an array, which belongs to the manager of its first operand, to the manager of the
     * step.
     */
    public static NDArray in(NDManager scratch, NDArray array) {
        array.attach(scratch);
        return array;
    }

    @Override
    public void close() {
        manager.close();
    }
}
