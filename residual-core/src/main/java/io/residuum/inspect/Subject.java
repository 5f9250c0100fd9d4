package io.residuum.inspect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.residuum.engine.ExitGuard;
import io.residuum.engine.Ops;
import io.residuum.loss.Target;
import io.residuum.model.Network;
import io.residuum.nn.ForwardHook;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.train.BatchLoss;
import io.residuum.train.EvaluationSet;
import io.residuum.train.Recipe;
import io.residuum.train.Task;
import io.residuum.train.TrainingBatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A network and the samples that it is analyzed with. Analyses read the same samples each time, and
 * hold those of one batch in memory.
 */
public final class Subject {
    private final Network network;
    private final @Nullable Task task;
    private final Recipe recipe;
    private final long size;
    private final long seed;
    private final Samples samples;
    private final InspectionListener listener;
    private final boolean batchStatistics;
    private final @Nullable Evaluated evaluated;
    private @Nullable List<Unit> units;

    /** The data of an evaluation, and one line about them. */
    private record Evaluated(String description, EvaluationSet data) {}

    private Subject(
            Network network,
            @Nullable Task task,
            Recipe recipe,
            long size,
            long seed,
            Samples samples,
            InspectionListener listener,
            boolean batchStatistics,
            @Nullable Evaluated evaluated) {
        Check.positive("samples", size);
        network.requireNoUnreadHead("an inspection");
        this.network = network;
        this.task = task;
        this.recipe = recipe;
        this.size = size;
        this.seed = seed;
        this.samples = samples;
        this.listener = listener;
        this.batchStatistics = batchStatistics;
        this.evaluated = evaluated;
    }

    /**
     * {@return a network with the training samples of a task}
     *
     * @param network the network; the caller closes it
     * @param recipe the batch size, losses and seed, without augmentation
     * @param size the number of samples to read; the last batch may exceed it
     * @param listener receives the progress
     */
    public static Subject of(
            Network network, Task task, Recipe recipe, long size, InspectionListener listener) {
        task.requireFitting(network);
        Recipe complete = task.completed(recipe.with().augmentation(List.of()).build());
        return new Subject(
                network,
                task,
                complete,
                size,
                recipe.seed(),
                Samples.of(network, task, complete),
                listener,
                false,
                null);
    }

    /**
     * {@return a network with standard normal numbers, or uniform ids, as inputs and uniform
     * classes as targets} The targets of an output of one number are normal numbers.
     *
     * @param network the network; the caller closes it
     * @param size the number of samples
     * @param most the largest number of samples in a pass
     * @param seed the seed of the numbers
     * @param listener receives the progress
     */
    public static Subject random(
            Network network, long size, int most, long seed, InspectionListener listener) {
        int batch = Math.toIntExact(Math.min(size, most));
        Recipe recipe = Recipe.defaults().with().batch(batch).seed(seed).build();
        return new Subject(
                network,
                null,
                recipe,
                size,
                seed,
                Samples.random(network, batch, seed),
                listener,
                false,
                null);
    }

    /**
     * {@return this subject with norms as in training or not} At initialization the running
     * statistics of a batch norm mean nothing yet.
     *
     * @param batchStatistics true if batch norms shall use the statistics of the batch. Default:
     *     false
     */
    public Subject withBatchStatistics(boolean batchStatistics) {
        return with(network, size, batchStatistics, evaluated);
    }

    private Subject with(
            Network other, long most, boolean statistics, @Nullable Evaluated evaluation) {
        return new Subject(
                other, task, recipe, most, seed, samples, listener, statistics, evaluation);
    }

    /**
     * {@return this subject with the data of its evaluations} By default they are the test data of
     * the task, or its validation data.
     *
     * @param description one line about the data
     */
    public Subject withEvaluation(String description, EvaluationSet data) {
        return with(network, size, batchStatistics, new Evaluated(description, data));
    }

    /**
     * {@return another network with these samples}
     *
     * @param other a network with an equal input; the caller closes it
     */
    public Subject on(Network other) {
        return with(other, size, batchStatistics, evaluated);
    }

    /**
     * {@return this subject with fewer samples}
     *
     * @param most the largest number of samples to read
     */
    public Subject limited(long most) {
        return with(network, Math.min(size, most), batchStatistics, evaluated);
    }

    /**
     * Computes all outputs of a batch and calls a hook for each layer, see {@link Network#observe}.
     *
     * @param hook the hook, which may replace the outputs of layers
     * @return the outputs, in the order of the network
     */
    public NDList observe(Batch batch, ForwardHook hook) {
        return network.observe(batch.inputs(), batchStatistics, hook);
    }

    /** {@return the network} */
    public Network network() {
        return network;
    }

    /** {@return the batch size, losses and seed} */
    public Recipe recipe() {
        return recipe;
    }

    /** {@return the number of samples to read} */
    public long size() {
        return size;
    }

    /** {@return the seed of an analysis that draws numbers} */
    public long seed() {
        return seed;
    }

    /** {@return one line about the samples and the data of evaluations} */
    public String description() {
        if (evaluated == null) {
            return task == null ? size + " random samples" : task.description();
        }
        return task == null
                ? evaluated.description()
                : task.description() + "; evaluated on " + evaluated.description();
    }

    /**
     * {@return the data of evaluations}
     *
     * @throws InspectionException if there are none
     */
    public EvaluationSet evaluation() {
        if (evaluated != null) {
            return evaluated.data();
        }
        return Optional.ofNullable(task)
                .flatMap(t -> t.test().or(t::validation))
                .orElseThrow(
                        () ->
                                new InspectionException(
                                        "an evaluation needs test or validation data, found %s: add --data"
                                                .formatted(description())));
    }

    /**
     * {@return the loss of the outputs of a batch: the weighted sum of their means, a scalar that
     * is recorded if a gradient collector is open}
     *
     * @param outputs the outputs of the network, in order
     * @param targets the targets by the name of their output
     */
    public NDArray loss(NDList outputs, Map<String, Target> targets) {
        return new BatchLoss(network, recipe.losses()).of(outputs, targets);
    }

    /**
     * Reads all samples, batch by batch, and reports the progress. If the process is asked to end,
     * it stops after the current batch and keeps its thread, see {@link ExitGuard}.
     *
     * @param work the name of the work, for the progress
     * @param visitor receives the batches
     */
    public void forEachBatch(String work, Consumer<Batch> visitor) {
        forEachBatch(work, 1, (batch, time) -> visitor.accept(batch));
    }

    /**
     * Reads all samples, as {@link #forEachBatch(String, Consumer)}, and visits each batch several
     * times. Each visit has its own copy of the arrays, so that memory does not grow with their
     * number.
     *
     * @param work the name of the work, for the progress
     * @param times the number of visits of a batch
     * @param visitor receives the batches, each with the number of the visit, from 0
     */
    public void forEachBatch(String work, int times, ObjIntConsumer<Batch> visitor) {
        try (Stop stop = new Stop();
                Samples.Pass pass = samples.open()) {
            long done = 0;
            while (done < size && !stop.asked()) {
                try (TrainingBatch batch = pass.get()) {
                    long read = 0;
                    for (int time = 0; time < times && !stop.asked(); time++) {
                        try (NDManager manager = network.backend().newManager()) {
                            Batch arrays = arrays(batch, manager);
                            visitor.accept(arrays, time);
                            read = Math.min(arrays.size(), size - done);
                        }
                        progress(work, done * times + read * (time + 1), size * times);
                    }
                    done += read;
                }
            }
        }
    }

    /** Learns that the process is asked to end, and lets it when closed. */
    private static final class Stop implements AutoCloseable {
        private final AtomicBoolean asked = new AtomicBoolean();
        private final ExitGuard guard = new ExitGuard(() -> asked.set(true));

        boolean asked() {
            return asked.get();
        }

        @Override
        public void close() {
            guard.close();
        }
    }

    /**
     * Reads the first batch. If the process is asked to end, it keeps its thread as {@link
     * #forEachBatch(String, Consumer)} does.
     *
     * @param visitor receives the batch
     */
    public void firstBatch(Consumer<Batch> visitor) {
        try (ExitGuard guard = new ExitGuard(() -> {});
                Samples.Pass pass = samples.open();
                TrainingBatch batch = pass.get();
                NDManager manager = network.backend().newManager()) {
            visitor.accept(arrays(batch, manager));
        }
    }

    /**
     * Repeats something and reports the progress. It stops as {@link #forEachBatch(String,
     * Consumer)}.
     *
     * @param work the name of the work, for the progress
     * @param times the number of repetitions
     * @param step receives the numbers from 0
     */
    public void repeat(String work, int times, IntConsumer step) {
        try (Stop stop = new Stop()) {
            for (int i = 0; i < times && !stop.asked(); i++) {
                step.accept(i);
                progress(work, i + 1, times);
            }
        }
    }

    private Batch arrays(TrainingBatch batch, NDManager manager) {
        return new Batch(manager, batch.inputs(manager, type()), batch.targets());
    }

    private DataType type() {
        return network.state().values().iterator().next().getArray().getDataType();
    }

    /**
     * {@return this subject with norms that use the statistics of one batch for all inputs} So
     * samples do not influence each other. It sets the running statistics of norms, if this subject
     * does not use them already; {@link Inspection#run} restores them.
     */
    public Subject withStatisticsOf(Batch batch) {
        if (batchStatistics) {
            RunningStatistics.set(this, batch);
        }
        return withBatchStatistics(false);
    }

    /**
     * Reports progress.
     *
     * @param work the name of the work
     * @param done the finished steps
     * @param total all steps
     */
    public void progress(String work, long done, long total) {
        listener.progress(work, done, total);
    }

    /**
     * {@return the units in the order of computation: the outermost residual blocks; in a network
     * without any, the layers of its longest sequence}
     */
    public List<Unit> units() {
        if (units == null) {
            units = findUnits();
        }
        return units;
    }

    private List<Unit> findUnits() {
        Map<Layer, String> candidates = Unit.candidates(network.block());
        List<Unit> found = new ArrayList<>();
        Map<String, Integer> runs = new HashMap<>();
        ForwardHook hook =
                (layer, outputs) -> {
                    String path = candidates.get(layer);
                    if (path != null) {
                        int run = runs.merge(path, 1, Integer::sum);
                        found.add(new Unit(run == 1 ? path : path + "#" + run, layer));
                    }
                };
        try (Samples.Pass pass = samples.open();
                TrainingBatch batch = pass.get();
                NDManager manager = network.backend().newManager();
                Ops.Pause pause = network.backend().ops().pauseRecording()) {
            network.observe(batch.inputs(manager, type()), false, hook);
        }
        return List.copyOf(found);
    }
}
