package io.residuum.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
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
import io.residuum.spec.Check;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inner loop of training: forward pass, cross-entropy, backward pass, gradient clipping,
 * optimizer, moving average. {@link Trainer} uses it, and so can a training loop that you write.
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
    private final int classes;
    private final double smoothing;
    private final Shape inputShape;
    private final DataType type;
    private final Deque<PendingPass> pending = new ArrayDeque<>();

    /** Divides the summed loss of each pass of the next update; 0 before its first pass. */
    private long lossDivisor;

    /** The labels counted since the last update. */
    private long countedLabels;

    /**
     * A pass whose result is not read yet. Closing {@code results} also closes its children.
     *
     * @param lossAndCorrect waits for the loss, which is the sum over the labels divided by {@code
     *     divisor}, and the number of right answers
     */
    private record PendingPass(
            NDManager results,
            Supplier<double[]> lossAndCorrect,
            int samples,
            int labels,
            long divisor) {}

    /**
     * Prepares training, and logs a warning if something cannot be compiled.
     *
     * @param network the network; its frozen parameters do not change
     * @param recipe the optimizer, weight decay, learning-rate factors, clipping, label smoothing,
     *     moving average, gradient accumulation and compilation
     * @throws TrainingException if the output is neither {@code (N, classes)} nor {@code (N, T,
     *     classes)}, all parameters are frozen, or {@code recomputeActivations} is set on MXNet
     * @throws io.residuum.spec.SpecException if the recipe's {@link LearningRates} do not fit the
     *     network, or it has several heads
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
        network.requireOneHead("training");
        Shape output = network.outputShape();
        if (output.dimension() != 2 && output.dimension() != 3) {
            throw new TrainingException(
                    "training needs a network whose output is (N, classes) or (N, T, classes), got "
                            + output
                            + ": end it with a pool or flatten and a linear layer");
        }
        this.network = network;
        this.backend = network.backend();
        this.ops = backend.ops();
        if (recipe.recomputeActivations() && !ops.recomputingSavesMemory()) {
            throw new TrainingException(
                    "recomputeActivations needs the PyTorch engine, found "
                            + backend.engine().getEngineName()
                            + ", which takes more memory with it than without: use --engine"
                            + " pytorch, or leave recomputeActivations out");
        }
        this.classes = Math.toIntExact(output.get(output.dimension() - 1));
        this.smoothing = recipe.labelSmoothing();
        this.inputShape = network.spec().input().batchShape();
        this.type = network.state().values().iterator().next().getArray().getDataType();
        this.manager = backend.newManager();
        this.optimizer = new OptimizerStep(network, recipe, manager);
        CompileOptions options =
                CompileOptions.training(recipe.compute(), recipe.recomputeActivations());
        this.compiler = recipe.compile() ? network.compiler(options, true, notes) : null;
    }

    /**
     * Computes the gradients of a batch and adds them to those since the last update. An update by
     * several passes equals that of one large batch: it uses the mean loss over all labels that are
     * not ignored, even if passes differ in their number.
     *
     * @param batch the batch; the caller may close it afterwards
     * @param passes the expected number of passes of this update, positive. It only keeps the
     *     summed gradients in the range of one pass; another number may follow
     */
    public void backward(TrainingBatch batch, int passes) {
        Check.positive("passes", passes);
        NDManager results = manager.newSubManager();
        NDManager activations = results.newSubManager();
        NDList inputs = batch.inputs(activations, type);
        CrossEntropy entropy = crossEntropy(batch);
        int labels = entropy.counted();
        NDArray logits;
        NDArray loss;
        if (lossDivisor == 0) {
            // Right if all passes count as many labels. Otherwise update() corrects it.
            lossDivisor = (long) (labels > 0 ? labels : batch.labels().length) * passes;
        }
        try (Ops.Pause pause = ops.pauseRecording()) {
            optimizer.beginPass();
        }
        if (compiler != null) {
            compiler.prepare(inputs);
        }
        try (GradientCollector collector = backend.newGradientCollector()) {
            ForwardResult forward = forward(inputs);
            logits = forward.output();
            loss = ops.mul(entropy.sum(logits), 1.0 / lossDivisor);
            double scale = optimizer.lossScale();
            forward.backward(collector, scale == 1 ? loss : ops.mul(loss, scale));
        }
        try (Ops.Pause pause = ops.pauseRecording()) {
            NDArray correct = entropy.correct(logits);
            loss.attach(results);
            correct.attach(results);
            countedLabels += labels;
            pending.add(
                    new PendingPass(
                            results, fetched(loss, correct), batch.samples(), labels, lossDivisor));
        }
        release(activations);
    }

    /** Returns a call that waits for both numbers. On a GPU one copy fetches them. */
    private Supplier<double[]> fetched(NDArray loss, NDArray correct) {
        if (type == DataType.FLOAT64) {
            return () -> new double[] {loss.getDouble(), correct.getFloat()};
        }
        if (!backend.device().isGpu()) {
            return () -> new double[] {loss.getFloat(), correct.getFloat()};
        }
        Supplier<float[]> both =
                ops.fetch(NDArrays.concat(new NDList(loss.reshape(1), correct.reshape(1))));
        return () -> {
            float[] values = both.get();
            return new double[] {values[0], values[1]};
        };
    }

    private CrossEntropy crossEntropy(TrainingBatch batch) {
        float[] targets = batch.targets();
        return targets == null
                ? CrossEntropy.ofLabels(batch.labels(), classes, smoothing, type)
                : CrossEntropy.ofRows(targets, batch.labels(), classes, type);
    }

    private ForwardResult forward(NDList inputs) {
        return compiler == null
                ? ForwardResult.of(network.forward(inputs, true))
                : compiler.record(inputs, some -> network.forward(some, true));
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
        backward(new ArrayBatch(values, new Shape(dims), labels, targets), passes);
    }

    private record ArrayBatch(float[] values, Shape shape, int[] labels, float @Nullable [] targets)
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
     * Updates the parameters by the gradients since the last update. In float16 it waits for them:
     * if the loss was scaled too far, they are not finite and no parameter changes.
     *
     * @param learningRate the learning rate, before the recipe's factors for single parameters
     */
    public void update(double learningRate) {
        PendingPass last = pending.peekLast();
        NDManager scratch = (last == null ? manager : last.results).newSubManager();
        try (Ops.Pause pause = ops.pauseRecording()) {
            optimizer.apply(learningRate, toMean(), scratch);
        }
        lossDivisor = 0;
        countedLabels = 0;
        if (last == null) {
            scratch.close(); // no later poll would
        } else {
            release(scratch);
        }
        network.parametersChanged();
    }

    /** Returns the factor that makes the summed gradients those of the mean over all labels. */
    private double toMean() {
        return countedLabels == 0 ? 1 : (double) lossDivisor / countedLabels;
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
    public int ahead() {
        return backend.device().isGpu() ? 1 : 0;
    }

    /**
     * Waits for the oldest pass whose result was not returned yet.
     *
     * @param ahead the number of passes that may stay pending, usually {@link #ahead()}; 0 at the
     *     end
     * @return the result, or null if no more than {@code ahead} passes are pending
     */
    public @Nullable StepResult poll(int ahead) {
        if (pending.size() <= ahead) {
            return null;
        }
        PendingPass pass = pending.remove();
        double[] numbers = pass.lossAndCorrect.get();
        pass.results.close();
        int correct = (int) Math.round(numbers[1]);
        double mean = numbers[0] * pass.divisor / Math.max(1, pass.labels);
        return new StepResult(pass.samples, pass.labels, mean, correct);
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

    /** Exchanges the weights for their moving average and back, if there is one. */
    void swapAverage() {
        if (optimizer.averages()) {
            try (NDManager scratch = manager.newSubManager();
                    Ops.Pause pause = ops.pauseRecording()) {
                optimizer.swapAverage(scratch);
            }
            network.parametersChanged();
        }
    }

    /** {@return the live arrays by name that a checkpoint needs besides the network} */
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
        optimizer.close();
        manager.close();
    }
}
