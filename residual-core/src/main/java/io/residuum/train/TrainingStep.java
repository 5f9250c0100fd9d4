package io.residuum.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.residuum.compile.CompileOptions;
import io.residuum.compile.Compiler;
import io.residuum.compile.ForwardResult;
import io.residuum.compile.Recomputation;
import io.residuum.engine.Backend;
import io.residuum.engine.Ops;
import io.residuum.loss.ClassLoss;
import io.residuum.loss.Target;
import io.residuum.model.Network;
import io.residuum.optim.LearningRates;
import io.residuum.spec.Check;
import io.residuum.train.distill.Distillation;
import io.residuum.train.distill.DistillationTerm;
import io.residuum.train.distill.Teacher;
import io.residuum.train.parallel.DataParallel;
import io.residuum.train.parallel.Replicas;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inner loop of training: forward pass, losses, backward pass, gradient clipping, optimizer,
 * moving average. {@link Trainer} uses it. Your own training loop can use it too.
 *
 * <pre>{@code
 * try (TrainingStep step = new TrainingStep(network, recipe)) {
 *     step.backward(batch, 1);
 *     step.update(0.1);
 *     StepResult result = step.poll(0);
 * }
 * }</pre>
 *
 * <p>The computation is the same on every engine. A GPU computes asynchronously: only {@link #poll}
 * waits for it, and {@link #update} in float16. Poll a pass while the next one runs.
 */
public final class TrainingStep implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TrainingStep.class);

    private final Network network;
    private final Backend backend;
    private final Ops ops;
    private final NDManager manager;
    private final OptimizerStep optimizer;
    private final @Nullable Compiler compiler;
    private final @Nullable Recomputation recomputation;
    private final Objective objective;
    private final @Nullable Teacher teacher;
    private final Shape inputShape;
    private final DataType type;
    private final Deque<StepResult.Pending> pending = new ArrayDeque<>();
    private final LossCounts counts = new LossCounts();
    private Replicas replicas;

    /**
     * Prepares training, and logs a warning if something cannot be compiled.
     *
     * @param network the network; its frozen parameters do not change
     * @param recipe the optimizer, weight decay, learning-rate factors, clipping, label smoothing,
     *     moving average, gradient accumulation and compilation
     * @throws TrainingException if the recipe has a loss for an output that the network does not
     *     have, a loss that compares samples needs one pass per update, all parameters are frozen,
     *     or {@code recomputeActivations} is set with {@code compile} on MXNet or for a network
     *     without residual units in sequence
     * @throws io.residuum.spec.SpecException if the recipe's {@link LearningRates} do not fit the
     *     network, or it has heads that are no outputs
     */
    public TrainingStep(Network network, Recipe recipe) {
        this(network, recipe, note -> LOG.warn("{}", note));
    }

    /**
     * Prepares training, as {@link #TrainingStep(Network, Recipe)}.
     *
     * @param notes receives one line about why something is not compiled
     */
    public TrainingStep(Network network, Recipe recipe, Consumer<String> notes) {
        network.requireNoUnreadHead("training");
        recipe.quantize(network);
        this.network = network;
        this.backend = network.backend();
        this.ops = backend.ops();
        boolean recomputes = recipe.recomputeActivations();
        if (recomputes && recipe.compile() && !ops.recomputingSavesMemory()) {
            throw new TrainingException(
                    "recomputeActivations with compile needs the PyTorch engine, found "
                            + backend.engine().getEngineName()
                            + ", whose programs take more memory with it than without: use --engine"
                            + " pytorch, or set compile to false");
        }
        this.objective = new Objective(network, recipe);
        this.inputShape = network.spec().input().batchShape();
        this.type = network.state().values().iterator().next().getArray().getDataType();
        this.manager = backend.newManager();
        this.optimizer = new OptimizerStep(network, recipe, manager);
        this.replicas = new Replicas(network, DataParallel.ALONE);
        CompileOptions options = CompileOptions.training(recipe.compute(), recomputes);
        boolean rounds = network.metadata().quantizesActivations();
        Consumer<String> reasons = rounds ? TrainingException::activationsNotRounded : notes;
        this.compiler = recipe.compile() ? network.compiler(options, true, reasons::accept) : null;
        this.recomputation = recomputes && !recipe.compile() ? recomputation(network) : null;
        this.teacher = teacher(recipe, notes);
    }

    private static Recomputation recomputation(Network network) {
        Recomputation recomputation = network.recomputation();
        if (recomputation.units() == 0) {
            throw new TrainingException(
                    "recomputeActivations needs residual units in sequence, which read nothing but"
                            + " the output of the layer before, found none in "
                            + network.spec().name()
                            + ": set compile to true, or leave recomputeActivations out");
        }
        return recomputation;
    }

    private @Nullable Teacher teacher(Recipe recipe, Consumer<String> notes) {
        Distillation distillation = recipe.distillation();
        if (distillation == null) {
            return null;
        }
        try {
            return Teacher.open(distillation, network, recipe.compile(), notes);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Computes the gradients of a batch and adds them to those since the last update. An update by
     * several passes equals that of one large batch: it uses the mean loss over all targets that
     * count, even if passes differ in their number.
     *
     * @param batch the batch; the caller may close it afterwards
     * @param passes the expected number of passes of this update, positive. It only keeps the
     *     summed gradients in the range of one pass; another number may follow
     * @throws TrainingException if a target or a loss of the recipe has no partner, or does not fit
     *     its output
     */
    public void backward(TrainingBatch batch, int passes) {
        Check.positive("passes", passes);
        objective.requireWholeBatches(passes);
        NDManager results = manager.newSubManager();
        NDManager scratch = results.newSubManager();
        Runnable restore;
        try (Ops.Pause pause = ops.pauseRecording()) {
            optimizer.beginPass();
            restore = optimizer.round(scratch);
        }
        // Once, also for optimizers with a second pass on the same samples.
        List<DistillationTerm> distillation =
                teacher == null ? List.of() : teacher.terms(batch.inputs(scratch, type));
        StepResult.Pending pass =
                pass(
                        batch,
                        distillation,
                        results,
                        terms -> counts.add(terms, batch.samples(), passes));
        pending.add(pass);
        Runnable descend;
        try (Ops.Pause pause = ops.pauseRecording()) {
            restore.run();
            descend = optimizer.climb(scratch);
            if (descend != null) {
                restore = optimizer.round(scratch);
            }
        }
        if (descend != null) {
            pass(batch, distillation, results, terms -> pass.divisors());
            try (Ops.Pause pause = ops.pauseRecording()) {
                restore.run();
                descend.run();
            }
        }
        release(scratch);
    }

    /** Runs forward and backward pass. */
    private StepResult.Pending pass(
            TrainingBatch batch,
            List<DistillationTerm> distillation,
            NDManager results,
            Function<List<Objective.Term>, double[]> divided) {
        NDManager activations = results.newSubManager();
        NDList inputs = batch.inputs(activations, type);
        List<Objective.Term> terms;
        double[] divisors;
        NDList losses = new NDList();
        NDList outputs;
        if (compiler != null) {
            compiler.prepare(inputs);
        }
        try (GradientCollector collector = backend.newGradientCollector()) {
            ForwardResult forward = forward(inputs);
            outputs = forward.outputs();
            terms = objective.terms(batch.targets(), outputs, distillation);
            divisors = divided.apply(terms);
            NDArray total = null;
            for (Objective.Term term : terms) {
                NDArray sum = term.loss().sum(outputs.get(term.index()));
                NDArray loss = ops.mul(sum, 1.0 / divisors[losses.size()]);
                losses.add(loss);
                NDArray weighted = term.weight() == 1 ? loss : ops.mul(loss, term.weight());
                // One backward pass for all: engines free what a second one would need.
                total = total == null ? weighted : total.add(weighted);
            }
            double scale = optimizer.lossScale();
            NDArray target = Objects.requireNonNull(total);
            forward.backward(collector, scale == 1 ? target : ops.mul(target, scale));
        }
        NDList numbers = new NDList(losses);
        try (Ops.Pause pause = ops.pauseRecording()) {
            for (Objective.Term term : terms) {
                if (term.loss() instanceof ClassLoss classes) {
                    numbers.add(classes.correct(outputs.get(term.index())));
                }
            }
            numbers.attach(results);
            Supplier<double[]> fetched = StepResult.Pending.fetched(numbers, backend);
            release(activations);
            return new StepResult.Pending(results, fetched, batch.samples(), terms, divisors);
        }
    }

    private ForwardResult forward(NDList inputs) {
        if (recomputation != null) {
            return recomputation.record(inputs);
        }
        return compiler == null
                ? ForwardResult.of(network.forwardAll(inputs, true))
                : compiler.recordAll(inputs, some -> network.forwardAll(some, true));
    }

    /**
     * Computes the gradients of plain arrays, as {@link #backward(TrainingBatch, int)}.
     *
     * @param values the network's input, row by row, one sample per label
     * @param labels one class per sample
     * @param targets {@code (N, classes)}, rows that sum to 1; null for the labels with the
     *     recipe's label smoothing
     * @param passes the expected number of passes of this update
     */
    public void backward(float[] values, int[] labels, float @Nullable [] targets, int passes) {
        long[] dims = inputShape.getShape().clone();
        dims[0] = labels.length;
        Target target = new Target.Classes(labels, targets);
        backward(TrainingBatch.of(values, new Shape(dims), target), passes);
    }

    /**
     * Updates the parameters by the gradients since the last update. In float16 it waits for them:
     * if the loss was scaled too far, they are not finite and no parameter changes.
     *
     * @param learningRate the learning rate, before the recipe's factors for single parameters
     * @throws TrainingException if several outputs learn and the passes since the last update
     *     differ in the share of targets that count in each, so that no update equals that of one
     *     batch
     */
    public void update(double learningRate) {
        StepResult.Pending last = pending.peekLast();
        NDManager scratch = (last == null ? manager : last.results()).newSubManager();
        try (Ops.Pause pause = ops.pauseRecording()) {
            update(learningRate, scratch);
        }
        counts.clear();
        if (last == null) {
            scratch.close(); // no later poll would
        } else {
            release(scratch);
        }
        network.parametersChanged();
    }

    private void update(double learningRate, NDManager scratch) {
        Map<String, Double> counted = counts.counted();
        if (replicas.shareGradients()) {
            optimizer.apply(
                    learningRate,
                    counts.toMean(),
                    gradients -> replicas.averageGradients(gradients, counted, scratch),
                    scratch);
        } else if (counted.isEmpty() && replicas.several()) {
            optimizer.skip();
        } else {
            optimizer.apply(learningRate, counts.toMean(), gradients -> {}, scratch);
        }
        replicas.updated(() -> optimizer.state().values(), scratch);
    }

    /** Trains together with other processes. */
    void join(DataParallel parallel) {
        replicas = new Replicas(network, parallel);
    }

    /** Makes the copies of the network in all processes equal. */
    void finishEpoch() {
        replicas.finishEpoch(optimizer.state().values());
    }

    /** Frees memory now, except on MXNet, where that would wait: there {@link #poll} frees it. */
    private void release(NDManager finished) {
        if (!ops.closingWaits()) {
            finished.close();
        }
    }

    /**
     * {@return the number of passes to leave pending in {@link #poll}: 1 keeps a GPU busy, 0 saves
     * memory on a CPU, which has no other work to hide}
     */
    public int maxPending() {
        return backend.device().isGpu() ? 1 : 0;
    }

    /**
     * Waits for the oldest pass whose result was not returned yet.
     *
     * @param maxPending the number of passes that may stay pending, usually {@link #maxPending()};
     *     0 at the end
     * @return the result, or null if no more than {@code maxPending} passes are pending
     */
    public @Nullable StepResult poll(int maxPending) {
        if (pending.size() <= maxPending) {
            return null;
        }
        return pending.remove().result();
    }

    /**
     * {@return the number of updates that changed the parameters, including those of earlier runs
     * that this one resumes}
     */
    public long updates() {
        return optimizer.count();
    }

    double lossScale() {
        return optimizer.lossScale();
    }

    /** Exchanges the weights for those to evaluate and save, and back. */
    void swapWeights() {
        try (NDManager scratch = manager.newSubManager();
                Ops.Pause pause = ops.pauseRecording()) {
            if (optimizer.swapWeights(scratch)) {
                network.parametersChanged();
            }
        }
    }

    /** {@return the live arrays by name that a checkpoint needs in addition to the network} */
    Map<String, NDArray> state() {
        return optimizer.state();
    }

    /** Continues an earlier run after its {@link #state} was restored. */
    void resumeAt(long updatesBefore) {
        optimizer.resumeAt(updatesBefore);
    }

    /** Frees the optimizer state and compiled programs. The network stays open. */
    @Override
    public void close() {
        if (compiler != null) {
            compiler.close();
        }
        if (teacher != null) {
            teacher.close();
        }
        optimizer.close();
        manager.close();
    }
}
