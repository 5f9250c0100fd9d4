package io.residuum.train;

import io.residuum.train.ProgressListener.Progress;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Trains one epoch and measures it. */
final class EpochLoop {
    private static final int STEPS_PER_LINE = 20;
    private static final double NANOS = 1e9;

    private final Recipe recipe;
    private final int number;
    private final TrainingStep step;
    private final RunFolder folder;
    private final ProgressListener listener;
    private final long start = System.nanoTime();
    private final Mean epochMean = new Mean();
    private Mean lineMean = new Mean();
    private int polled;
    private double learningRate;
    private double trainedSeconds;
    private double waitedSeconds;

    /** Means over labels. */
    private static final class Mean {
        private double loss;
        private long correct;
        private long labels;
        private long samples;

        void add(StepResult result) {
            loss += result.loss() * result.labels();
            correct += result.correct();
            labels += result.labels();
            samples += result.samples();
        }

        double loss() {
            return loss / labels;
        }

        double accuracy() {
            return (double) correct / labels;
        }
    }

    EpochLoop(
            Recipe recipe,
            int number,
            TrainingStep step,
            RunFolder folder,
            ProgressListener listener) {
        this.recipe = recipe;
        this.number = number;
        this.step = step;
        this.folder = folder;
        this.listener = listener;
    }

    /** Returns the number of updates in an epoch. The last may have fewer passes. */
    static int steps(int batches, Recipe recipe) {
        return (batches + recipe.accumulate() - 1) / recipe.accumulate();
    }

    int number() {
        return number;
    }

    /**
     * Trains on the batches of the epoch.
     *
     * @param count the number of batches
     * @param ahead the number of passes that may stay pending while the next begins
     * @param stop asked before every update; true ends the epoch early
     * @throws TrainingException if the loss is not finite, or all labels are ignored
     */
    void train(BatchSource.Epoch batches, int count, int ahead, BooleanSupplier stop) {
        int steps = steps(count, recipe);
        for (int i = 0; i < steps && !stop.getAsBoolean(); i++) {
            learningRate = recipe.learningRateAt(number - 1 + (double) i / steps, 1.0 / steps);
            int passes = Math.min(recipe.accumulate(), count - i * recipe.accumulate());
            for (int p = 0; p < passes; p++) {
                read(ahead, steps);
                try (TrainingBatch batch = batches.next()) {
                    step.backward(batch, passes);
                }
            }
            step.update(learningRate);
            read(ahead, steps);
            report(i + 1, steps);
        }
        while (read(0, steps)) {
            // read the pending passes
        }
        if (epochMean.labels == 0 && !stop.getAsBoolean()) {
            throw new TrainingException(
                    ("an epoch must have a label that is not ignored, but the %,d samples of epoch"
                                    + " %d have none: use a larger batch or more steps")
                            .formatted(epochMean.samples, number));
        }
        trainedSeconds = seconds();
        waitedSeconds = batches.waited().toNanos() / NANOS;
    }

    private boolean read(int ahead, int steps) {
        StepResult result = step.poll(ahead);
        if (result == null) {
            return false;
        }
        int at = polled++ / recipe.accumulate() + 1;
        if (!Double.isFinite(result.loss())) {
            throw new TrainingException(diverged(result.loss(), at, steps));
        }
        epochMean.add(result);
        lineMean.add(result);
        return true;
    }

    private void report(int done, int steps) {
        if (done % STEPS_PER_LINE == 0 && lineMean.labels > 0) {
            folder.metricsFile()
                    .append(
                            new Metrics.Step(
                                    number, step.updates(), lineMean.loss(), learningRate));
            lineMean = new Mean();
        }
        double perStep = seconds() / done;
        double left = (steps - done) + (double) (recipe.epochs() - number) * steps;
        listener.step(
                new Progress(
                        number,
                        done,
                        steps,
                        epochMean.loss(),
                        epochMean.accuracy(),
                        learningRate,
                        epochMean.samples / seconds(),
                        left * perStep));
    }

    private String diverged(double loss, int at, int steps) {
        String last =
                epochMean.labels == 0
                        ? "none before it"
                        : "mean before it %.4g".formatted(epochMean.loss());
        return ("the loss is %s in epoch %d, step %d of %d (learning rate %s, %s). Likely causes: a"
                    + " rate that is too high or without warmup (lower learningRate, set"
                    + " warmupEpochs), exploding gradients (set clipNorm), or inputs that are not"
                    + " normalized (for images mean and std of the spec's input). The checkpoint of"
                    + " epoch %d is kept")
                .formatted(loss, number, at, steps, learningRate, last, number - 1);
    }

    /** Returns the metrics of the epoch, after its evaluation if there is validation data. */
    Metrics.Epoch metrics(@Nullable EvaluationResult found) {
        Score score = found == null ? Score.NONE : found.score();
        return new Metrics.Epoch(
                number,
                step.updates(),
                epochMean.loss(),
                epochMean.accuracy(),
                score.loss(),
                score.accuracy(),
                found == null ? List.of() : found.measures(),
                learningRate,
                epochMean.samples / trainedSeconds,
                seconds(),
                waitedSeconds);
    }

    private double seconds() {
        return (System.nanoTime() - start) / NANOS;
    }
}
