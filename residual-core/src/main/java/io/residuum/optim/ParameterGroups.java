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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The parameters that a training changes, with their gradients, which mean the same on every engine
 * here: the sum over the backward passes since the last {@link #clear}. Left to themselves PyTorch
 * adds them up, while MXNet replaces them and leaves those of parameters without a part in the pass
 * as they were.
 */
public final class ParameterGroups implements AutoCloseable {

    /**
     * One parameter.
     *
     * @param path its path
     * @param value its array, changed in place
     * @param gradient where the engine leaves the gradient of a backward pass
     * @param sum of the gradients of several passes; the same array as {@code gradient} where there
     *     is one pass only
     * @param decays whether weight decay holds for it
     * @param rate what its learning rate is multiplied by
     */
    public record Trained(
            String path,
            NDArray value,
            NDArray gradient,
            NDArray sum,
            boolean decays,
            double rate) {}

    private static final NDIndex EVERYWHERE = new NDIndex("...");

    private final List<Trained> all = new ArrayList<>();
    private final NDManager manager;
    private final Ops ops;
    private final boolean summing;
    private final Optional<FusedOptimizer> together;

    /**
     * Groups the parameters that are not frozen.
     *
     * @param network a network with at least one such parameter
     * @param rates the factors of the learning rate
     * @param summing whether gradients of several backward passes are summed for an update
     * @param decayNormsAndBiases whether weight decay also holds for parameters of rank 0 and 1
     */
    public ParameterGroups(
            Network network, LearningRates rates, boolean summing, boolean decayNormsAndBiases) {
        this.manager = network.backend().newManager();
        this.ops = network.backend().ops();
        this.summing = summing;
        Map<String, Parameter> parameters = network.parameters();
        parameters.values().removeIf(p -> !p.requiresGradient());
        createGradients(network, parameters);
        parameters.forEach(
                (path, p) -> {
                    NDArray value = p.getArray();
                    NDArray gradient = value.getGradient();
                    gradient.attach(manager);
                    NDArray sum =
                            summing
                                    ? manager.zeros(value.getShape(), value.getDataType())
                                    : gradient;
                    boolean decays = decayNormsAndBiases || value.getShape().dimension() > 1;
                    double rate = rates.factor(path);
                    all.add(new Trained(path, value, gradient, sum, decays, rate));
                });
        this.together =
                ops.fusedOptimizer(
                        manager,
                        all.stream().map(Trained::value).toList(),
                        all.stream().map(Trained::sum).toList(),
                        List.of(),
                        List.of());
    }

    /**
     * PyTorch has no gradient before the first backward pass; one of zeros makes arrays that stay.
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

    public List<Trained> all() {
        return all;
    }

    /** Those that are updated alike: weight decay and rate are the same for them. */
    Collection<List<Trained>> alike() {
        return all.stream()
                .collect(
                        Collectors.groupingBy(
                                t -> List.of(t.decays, t.rate),
                                LinkedHashMap::new,
                                Collectors.toList()))
                .values();
    }

    /** Takes the gradients of a backward pass into the sums. */
    public void collect() {
        if (summing) {
            for (Trained t : all) {
                t.sum.addi(t.gradient);
                t.gradient.muli(0);
            }
        }
    }

    /**
     * Scales the gradients down so that their common norm is at most {@code maximum}, as PyTorch's
     * {@code clip_grad_norm_} does, without waiting for the norm.
     */
    public void clip(double maximum, NDManager scratch) {
        together.ifPresentOrElse(t -> t.clip(maximum), () -> clipEach(maximum, scratch));
    }

    private void clipEach(double maximum, NDManager scratch) {
        NDList squares = new NDList(all.size());
        for (Trained t : all) {
            squares.add(in(scratch, in(scratch, t.sum.square()).sum()).reshape(1));
        }
        NDArray norm = NDArrays.concat(squares).sum().reshape(1).sqrt();
        NDArray factor = ops.minimum(ops.mul(ops.pow(ops.add(norm, 1e-6), -1), maximum), 1);
        for (Trained t : all) {
            t.sum.muli(factor);
        }
    }

    /** Sets the gradients to zero. */
    public void clear() {
        together.ifPresentOrElse(
                FusedOptimizer::clear, () -> all.forEach(trained -> trained.sum.muli(0)));
    }

    /**
     * Sets the gradients to zero where {@link #clear} would not: zero times infinity is no number.
     */
    public void discard() {
        // In place: after a copy by PyTorch, an array lies in memory of Java.
        for (Trained t : all) {
            t.sum.set(EVERYWHERE, 0);
            if (summing) {
                t.gradient.set(EVERYWHERE, 0);
            }
        }
    }

    /** Gives an array, which belongs to its first operand's manager, to the manager of the step. */
    public static NDArray in(NDManager scratch, NDArray array) {
        array.attach(scratch);
        return array;
    }

    @Override
    public void close() {
        manager.close();
    }
}
