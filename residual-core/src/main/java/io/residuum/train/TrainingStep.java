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
import io.residuum.engine.Backend;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.model.Network;
import io.residuum.optim.LearningRates;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inner loop of training: forward, cross-entropy, backward, clipping, optimizer, average. It
 * means the same on every engine and never waits for one: results are fetched by {@link #poll}, on
 * a GPU when the next pass is under way.
 *
 * <pre>{@code
 * try (TrainingStep step = new TrainingStep(network, recipe)) {
 *     step.backward(batch, 1);
 *     step.update(0.1);
 *     StepResult previous = step.poll(1);
 * }
 * }</pre>
 */
public final class TrainingStep implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TrainingStep.class);

    private final Network network;
    private final Backend backend;
    private final NDManager manager;
    private final OptimizerStep update;
    private final @Nullable Compiler compiler;
    private final int classes;
    private final double smoothing;
    private final Shape input;
    private final DataType type;
    private final Deque<Pass> underWay = new ArrayDeque<>();

    /** A pass whose results nobody has read; closing {@code results} closes what hangs below it. */
    private record Pass(
            NDManager results,
            NDArray loss,
            NDArray correct,
            int samples,
            int labels,
            int passes) {}

    /**
     * Prepares a training.
     *
     * @param network what is trained; parameters that are frozen by now stay as they are
     * @param recipe decides optimizer, weight decay, factors of the learning rate, clipping,
     *     average and whether passes are accumulated
     * @throws TrainingException if the output is neither {@code (N, classes)} nor {@code (N, T,
     *     classes)}, everything is frozen, or activations are to be computed again on MXNet
     * @throws io.residuum.spec.SpecException if the recipe's {@link LearningRates} do not fit the
     *     network
     */
    public TrainingStep(Network network, Recipe recipe) {
        this(network, recipe, note -> LOG.warn("{}", note));
    }

    /**
     * Prepares training.
     *
     * @param network what is trained
     * @param recipe optimizer, smoothing, clipping, averaging and compiling are taken from it
     * @param notes is told in one line why something is not compiled
     * @throws TrainingException as above
     */
    public TrainingStep(Network network, Recipe recipe, Consumer<String> notes) {
        Shape output = network.outputShape();
        if (output.dimension() != 2 && output.dimension() != 3) {
            throw new TrainingException(
                    "training needs a network whose output is (N, classes) or (N, T, classes), got "
                            + output
                            + ": end it with a pool or flatten and a linear layer");
        }
        this.network = network;
        this.backend = network.backend();
        if (recipe.recomputeActivations() && !backend.ops().recomputingSavesMemory()) {
            throw new TrainingException(
                    "recomputeActivations needs the PyTorch engine, found "
                            + backend.engine().getEngineName()
                            + ", which takes more memory with it than without: use --engine"
                            + " pytorch, or leave recomputeActivations out");
        }
        this.classes = Math.toIntExact(output.get(output.dimension() - 1));
        this.smoothing = recipe.labelSmoothing();
        this.input = network.spec().input().batchShape();
        this.type = network.state().values().iterator().next().getArray().getDataType();
        this.manager = backend.newManager();
        this.update = new OptimizerStep(network, recipe, manager);
        CompileOptions options =
                CompileOptions.training(recipe.compute(), recipe.recomputeActivations());
        this.compiler = recipe.compile() ? network.compiler(options, true, notes) : null;
    }

    /**
     * Computes the gradients of a batch, beside those of other passes since the last update.
     *
     * @param batch the batch; it may be closed afterwards
     * @param passes how many passes, this one among them, the next update is made of: gradients are
     *     divided by it
     */
    public void backward(TrainingBatch batch, int passes) {
        NDManager results = manager.newSubManager();
        NDManager activations = results.newSubManager();
        NDList inputs = batch.inputs(activations, type);
        CrossEntropy entropy = entropy(batch);
        int counted = entropy.counted();
        NDArray logits;
        NDArray loss;
        if (compiler != null) {
            compiler.prepare(inputs);
        }
        try (GradientCollector collector = backend.newGradientCollector()) {
            ForwardResult pass =
                    compiler == null
                            ? ForwardResult.of(network.forward(inputs, true))
                            : compiler.record(inputs, some -> network.forward(some, true));
            logits = pass.output();
            loss =
                    backend.ops()
                            .mul(
                                    entropy.sum(logits),
                                    1.0 / ((double) Math.max(1, counted) * passes));
            double scale = update.lossScale();
            pass.backward(collector, scale == 1 ? loss : backend.ops().mul(loss, scale));
        }
        try (Ops.Pause pause = backend.ops().pauseRecording()) {
            NDArray correct = entropy.correct(logits);
            loss.attach(results);
            correct.attach(results);
            update.collect();
            underWay.add(new Pass(results, loss, correct, batch.samples(), counted, passes));
        }
        done(activations);
    }

    private CrossEntropy entropy(TrainingBatch batch) {
        float[] targets = batch.targets();
        return targets == null
                ? CrossEntropy.ofLabels(batch.labels(), classes, smoothing, type)
                : CrossEntropy.ofRows(targets, batch.labels(), classes, type);
    }

    /**
     * Computes the gradients of a batch, as {@link #backward(TrainingBatch, int)}.
     *
     * @param values the network's input, of as many samples as there are labels
     * @param labels classes, one a sample
     * @param targets {@code (N, classes)}, rows that sum to 1; null for all weight on the label,
     *     but for the recipe's label smoothing
     * @param passes how many passes the next update is made of
     */
    public void backward(float[] values, int[] labels, float @Nullable [] targets, int passes) {
        long[] dims = input.getShape().clone();
        dims[0] = labels.length;
        backward(new RawBatch(values, new Shape(dims), labels, targets), passes);
    }

    /** A batch that somebody holds as plain numbers. */
    private record RawBatch(float[] values, Shape shape, int[] labels, float @Nullable [] targets)
            implements TrainingBatch {
        @Override
        public int samples() {
            return labels.length;
        }

        @Override
        public NDList inputs(NDManager manager, DataType type) {
            return new NDList(Values.create(manager, values, shape, type));
        }
    }

    /**
     * Changes the parameters by the gradients of the passes since the last update. In float16 it
     * waits for these passes: gradients that are not finite, because the loss was scaled too far,
     * change nothing.
     *
     * @param learningRate the rate, which the recipe may multiply by other factors for other
     *     parameters
     */
    public void update(double learningRate) {
        Pass last = underWay.peekLast();
        NDManager scratch = (last == null ? manager : last.results).newSubManager();
        try (Ops.Pause pause = backend.ops().pauseRecording()) {
            update.apply(learningRate, scratch);
        }
        if (last == null) {
            scratch.close(); // no later poll would
        } else {
            done(scratch);
        }
        network.parametersChanged();
    }

    /**
     * MXNet runs behind the caller and would wait here: there, {@link #poll} frees what a pass has
     * left.
     */
    private void done(NDManager finished) {
        if (!backend.ops().closingWaits()) {
            finished.close();
        }
    }

    /**
     * How many passes should stay under way while the next one begins: one keeps a GPU busy; on a
     * CPU, which has no other work to hide, it would only hold the memory of two.
     *
     * @return what {@link #poll} is best given
     */
    public int ahead() {
        return backend.device().isGpu() ? 1 : 0;
    }

    /**
     * Waits for the oldest pass whose result has not been fetched.
     *
     * @param ahead how many passes may stay under way: 1 keeps a GPU busy, 0 is for CPUs and for
     *     the end
     * @return its result, or null if no more than {@code ahead} passes are under way
     */
    public @Nullable StepResult poll(int ahead) {
        if (underWay.size() <= ahead) {
            return null;
        }
        Pass pass = underWay.remove();
        double loss = type == DataType.FLOAT64 ? pass.loss.getDouble() : pass.loss.getFloat();
        int correct = Math.round(pass.correct.getFloat());
        pass.results.close();
        return new StepResult(pass.samples, pass.labels, loss * pass.passes, correct);
    }

    /**
     * How many updates there have been, without those that changed nothing.
     *
     * @return the number, over all runs that a checkpoint connects
     */
    public long updates() {
        return update.count();
    }

    /** What the next loss is multiplied by before its gradients are taken: 1 but in float16. */
    double lossScale() {
        return update.lossScale();
    }

    /** Exchanges the weights for their average and back, where there is one. */
    void swapAverage() {
        if (update.averages()) {
            try (NDManager scratch = manager.newSubManager();
                    Ops.Pause pause = backend.ops().pauseRecording()) {
                update.swapAverage(scratch);
            }
            network.parametersChanged();
        }
    }

    /** What a later run needs to go on, besides the network: live arrays by name. */
    Map<String, NDArray> state() {
        return update.state();
    }

    /** Goes on where an earlier run was, after its {@link #state} has been put back. */
    void resumeAt(long updatesBefore) {
        update.resumeAt(updatesBefore);
    }

    /** Frees the state; the network stays. */
    @Override
    public void close() {
        if (compiler != null) {
            compiler.close();
        }
        update.close();
        manager.close();
    }
}
