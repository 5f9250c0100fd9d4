package io.residuum.train.study;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import io.residuum.engine.ExitGuard;
import io.residuum.engine.Ops;
import io.residuum.model.Network;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.json.Defaults;
import io.residuum.train.BatchSource;
import io.residuum.train.Recipe;
import io.residuum.train.StepResult;
import io.residuum.train.Task;
import io.residuum.train.TrainingBatch;
import io.residuum.train.TrainingException;
import io.residuum.train.TrainingStep;
import io.residuum.train.study.LearningRateCurve.Point;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Finds a learning rate by the range test of Smith 2017 (arXiv:1506.01186): trains a few steps
 * while the rate rises exponentially, and ends when the smoothed loss is four times its minimum.
 *
 * @param from the first learning rate, positive. Default: 1e-6
 * @param to the last learning rate, above {@code from}. Default: 10
 * @param updates the number of updates, 10 or more. Default: 100
 */
public record LearningRateFinder(
        @Default("1e-6") double from, @Default("10.0") double to, @Default("100") int updates) {
    /** The usual range. */
    public static final LearningRateFinder DEFAULT = Defaults.of(LearningRateFinder.class);

    private static final double SMOOTHING = 0.9;
    private static final double DIVERGED = 4;
    private static final int LEAST_UPDATES = 10;

    public LearningRateFinder {
        Check.positive("from", from);
        Check.that(to > from && Double.isFinite(to), "to must be above from, %s, got %s", from, to);
        Check.that(
                updates >= LEAST_UPDATES,
                "updates must be %s or more, got %s",
                LEAST_UPDATES,
                updates);
    }

    /**
     * Trains the network and restores its weights and buffers. If the process is asked to end, it
     * stops after the current step and keeps its thread, see {@link ExitGuard}.
     *
     * @param recipe the optimizer, batch size, augmentation and the like; its learning rate and
     *     schedule do not matter
     * @throws TrainingException if task and network do not fit, or the first loss is not finite
     */
    public LearningRateCurve find(Network network, Recipe recipe, Task task) {
        task.requireFitting(network);
        Recipe complete = task.completed(recipe);
        try (NDManager saved = network.backend().newManager()) {
            Map<Parameter, NDArray> values = copies(network, saved);
            Map<Parameter, Boolean> trained = new LinkedHashMap<>();
            network.parameters().values().forEach(p -> trained.put(p, p.requiresGradient()));
            complete.freeze(network);
            try {
                network.backend().seed(complete.seed());
                network.reseed(complete.seed());
                return new LearningRateCurve(points(network, complete, task));
            } finally {
                trained.forEach((p, trains) -> p.freeze(!trains));
                try (Ops.Pause pause = network.backend().ops().pauseRecording()) {
                    values.forEach((p, value) -> value.copyTo(p.getArray()));
                }
                network.parametersChanged();
            }
        }
    }

    private static Map<Parameter, NDArray> copies(Network network, NDManager manager) {
        Map<Parameter, NDArray> copies = new LinkedHashMap<>();
        try (Ops.Pause pause = network.backend().ops().pauseRecording()) {
            for (Parameter p : network.state().values()) {
                NDArray copy = p.getArray().duplicate();
                copy.attach(manager);
                copies.put(p, copy);
            }
        }
        return copies;
    }

    private List<Point> points(Network network, Recipe recipe, Task task) {
        List<Point> points = new ArrayList<>();
        double mean = 0;
        double least = Double.POSITIVE_INFINITY;
        AtomicBoolean stopping = new AtomicBoolean();
        try (ExitGuard guard = new ExitGuard(() -> stopping.set(true));
                BatchSource source = task.trainingBatches(network.spec(), recipe);
                TrainingStep step = new TrainingStep(network, recipe);
                Batches batches = new Batches(source)) {
            for (int i = 0; i < updates && !stopping.get(); i++) {
                double rate = from * Math.pow(to / from, i / (updates - 1.0));
                double loss = loss(step, batches, recipe.accumulate());
                mean = SMOOTHING * mean + (1 - SMOOTHING) * loss;
                double smoothed = mean / (1 - Math.pow(SMOOTHING, i + 1));
                if (!Double.isFinite(loss) || smoothed > DIVERGED * least) {
                    break;
                }
                least = Math.min(least, smoothed);
                points.add(new Point(rate, loss, smoothed));
                step.update(rate);
            }
        }
        if (points.isEmpty()) {
            throw new TrainingException(
                    "the loss must be finite before the first step: normalize the inputs (for"
                            + " images mean and std of the spec's input)");
        }
        return points;
    }

    /** Returns the mean loss of the passes of one update. */
    private static double loss(TrainingStep step, Batches batches, int passes) {
        StepResult mean = StepResult.NONE;
        for (int p = 0; p < passes; p++) {
            try (TrainingBatch batch = batches.next()) {
                step.backward(batch, passes);
            }
            for (StepResult r = step.poll(0); r != null; r = step.poll(0)) {
                mean = mean.plus(r);
            }
        }
        return mean.loss();
    }

    /** The batches of one epoch after the other. */
    private static final class Batches implements AutoCloseable {
        private final BatchSource source;
        private BatchSource.Epoch epoch;
        private int number = 1;
        private int read;

        Batches(BatchSource source) {
            this.source = source;
            this.epoch = source.epoch(number);
        }

        TrainingBatch next() {
            if (read == source.batches()) {
                epoch.close();
                epoch = source.epoch(++number);
                read = 0;
            }
            read++;
            return epoch.next();
        }

        @Override
        public void close() {
            epoch.close();
        }
    }
}
