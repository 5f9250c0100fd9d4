package io.residuum.train.parallel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.model.Network;
import io.residuum.spec.Check;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Keeps the copies of a network equal that several processes train. By default each update uses the
 * mean gradient over all targets of all processes, so it equals the update of one process with
 * these batches. With several local steps (local SGD, Stich 2019, arXiv:1805.09767) each process
 * updates its own copy, and weights and optimizer state are averaged from time to time.
 */
public final class Replicas {
    /** Relative, since counts travel as float32. */
    private static final double SAME_SHARE = 1e-5;

    private final Network network;
    private final ProcessGroup group;
    private final int localSteps;

    /** The targets that this process has counted, by loss; the names stay the same in a run. */
    private final Map<String, Double> counted = new TreeMap<>();

    private int sinceAverage;

    /**
     * Creates the replicas of a network.
     *
     * @param network the copy of this process
     * @param parallel the processes
     */
    public Replicas(Network network, DataParallel parallel) {
        this.network = network;
        this.group = parallel.group();
        this.localSteps = parallel.localSteps();
    }

    /** {@return true if several processes train} */
    public boolean several() {
        return group.size() > 1;
    }

    /** {@return true if the processes exchange the gradients of each update} */
    public boolean shareGradients() {
        return several() && localSteps == 1;
    }

    /**
     * Replaces the mean gradients of this process by those over the targets of all processes.
     *
     * @param gradients the arrays, changed in place; zero if this process had no pass
     * @param counts the number of targets of this process, by loss
     * @param scratch owns intermediates
     * @throws io.residuum.spec.SpecException if there are several losses, and a process has another
     *     share of the targets of each, so that no factor is right for all
     */
    public void averageGradients(
            List<NDArray> gradients, Map<String, Double> counts, NDManager scratch) {
        counted.replaceAll((name, before) -> 0.0);
        counted.putAll(counts);
        double mine = counted.values().stream().mapToDouble(Double::doubleValue).sum();
        int size = size(gradients);
        float[] values = new float[size + counted.size()];
        read(gradients, values, mine);
        int at = size;
        for (double count : counted.values()) {
            values[at++] = (float) count;
        }
        group.sum(values);
        double all = 0;
        for (int i = size; i < values.length; i++) {
            all += values[i];
        }
        double share = all == 0 ? 0 : mine / all;
        requireSameShares(Arrays.copyOfRange(values, size, values.length), share);
        write(gradients, values, all == 0 ? 1 : 1 / all, scratch);
    }

    private void requireSameShares(float[] totals, double share) {
        int i = 0;
        for (Map.Entry<String, Double> loss : counted.entrySet()) {
            double total = totals[i++];
            Check.that(
                    Math.abs(loss.getValue() - share * total) <= SAME_SHARE * total,
                    "processes with several losses need the same share of known targets for each,"
                            + " but this one has %s of %s for %s, and of all %s: leave out class"
                            + " weights, or fill in the missing targets",
                    loss.getValue(),
                    total,
                    loss.getKey(),
                    share);
        }
    }

    /**
     * Counts an update, and averages the copies if there were enough since the last average.
     *
     * @param optimizerState returns the arrays of the optimizer
     * @param scratch owns intermediates
     */
    public void updated(Supplier<Collection<NDArray>> optimizerState, NDManager scratch) {
        if (several() && localSteps > 1 && ++sinceAverage == localSteps) {
            average(everything(optimizerState.get()), scratch);
        }
    }

    private List<NDArray> everything(Collection<NDArray> optimizerState) {
        List<NDArray> all = new ArrayList<>();
        network.state().values().forEach(parameter -> all.add(parameter.getArray()));
        all.addAll(optimizerState);
        return all;
    }

    /**
     * Makes the copies equal at the end of an epoch: averages the running statistics of norms, and
     * after local steps weights and optimizer state, too.
     *
     * @param optimizerState the arrays of the optimizer
     */
    public void finishEpoch(Collection<NDArray> optimizerState) {
        if (!several()) {
            return;
        }
        List<NDArray> state = new ArrayList<>();
        if (localSteps > 1) {
            state.addAll(everything(optimizerState));
        } else {
            Map<String, Parameter> statistics = new LinkedHashMap<>(network.state());
            statistics.keySet().removeAll(network.parameters().keySet());
            statistics.values().forEach(parameter -> state.add(parameter.getArray()));
        }
        try (NDManager scratch = network.backend().newManager();
                Ops.Pause pause = network.backend().ops().pauseRecording()) {
            average(state, scratch);
        }
        network.parametersChanged();
    }

    private void average(Collection<NDArray> arrays, NDManager scratch) {
        sinceAverage = 0;
        if (arrays.isEmpty()) {
            return;
        }
        float[] values = new float[size(arrays)];
        read(arrays, values, 1);
        group.sum(values);
        write(arrays, values, 1.0 / group.size(), scratch);
    }

    private static int size(Collection<NDArray> arrays) {
        long size = arrays.stream().mapToLong(NDArray::size).sum();
        return Math.toIntExact(size);
    }

    private static void read(Collection<NDArray> arrays, float[] into, double factor) {
        int at = 0;
        for (NDArray array : arrays) {
            for (float value : Values.floats(array)) {
                into[at++] = (float) (value * factor);
            }
        }
    }

    private static void write(
            Collection<NDArray> arrays, float[] values, double factor, NDManager scratch) {
        int at = 0;
        for (NDArray array : arrays) {
            float[] some = Arrays.copyOfRange(values, at, at + Math.toIntExact(array.size()));
            at += some.length;
            for (int i = 0; i < some.length; i++) {
                some[i] = (float) (some[i] * factor);
            }
            Values.create(scratch, some, array.getShape(), array.getDataType()).copyTo(array);
        }
    }
}
