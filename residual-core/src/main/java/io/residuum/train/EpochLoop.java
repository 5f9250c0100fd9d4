package io.residuum.train;

import com.google.common.base.Joiner;
import com.google.common.base.Splitter;
import com.google.common.math.IntMath;
import io.residuum.metric.Measure;
import io.residuum.model.Network;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.ProgressListener.Progress;
import io.residuum.train.callback.CallbackRunner;
import io.residuum.train.callback.EpochEnd;
import io.residuum.train.callback.StepEnd;
import io.residuum.train.parallel.DataParallel;
import io.residuum.train.parallel.ProcessGroup;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
    private final CallbackRunner callbacks;
    private final ProcessGroup group;
    private final long start = System.nanoTime();
    private StepResult epochMean = StepResult.NONE;
    private StepResult lineMean = StepResult.NONE;
    private int polled;
    private double learningRate;
    private double trainedSeconds;
    private double waitedSeconds;

    EpochLoop(
            Recipe recipe,
            int number,
            TrainingStep step,
            RunFolder folder,
            ProgressListener listener,
            CallbackRunner callbacks,
            DataParallel parallel) {
        this.recipe = recipe;
        this.number = number;
        this.step = step;
        this.folder = folder;
        this.listener = listener;
        this.callbacks = callbacks;
        this.group = parallel.group();
    }

    /** Returns the number of updates in an epoch. The last may have fewer passes. */
    static int steps(int batches, Recipe recipe) {
        return IntMath.divide(batches, recipe.accumulate(), RoundingMode.CEILING);
    }

    /** Returns the recipe with the epochs that a fixed number of steps takes on the data. */
    static Recipe inEpochs(Task task, Network network, Recipe recipe) {
        return recipe.steps() == null
                ? recipe
                : recipe.withEpochsOfSteps(task.stepsInEpoch(network.spec(), recipe));
    }

    int number() {
        return number;
    }

    /**
     * Trains on the batches of the epoch.
     *
     * @param count the number of batches
     * @param maxPending the number of passes that may stay pending while the next begins
     * @param stop asked before every update; true ends the epoch early
     * @throws TrainingException.Diverged if the loss is not finite
     * @throws TrainingException if all labels are ignored
     */
    void train(BatchSource.Epoch batches, int count, int maxPending, BooleanSupplier stop) {
        int complete = steps(count, recipe);
        int steps = recipe.stepsInEpoch(number, complete);
        if (count < group.size()) {
            throw new TrainingException(
                    "an epoch must have a batch for each of the %d processes, found %d: use a smaller batch or fewer processes"
                            .formatted(group.size(), count));
        }
        if (number == 1 && count < recipe.accumulate()) {
            listener.note(
                    "an update has %d passes, all batches of an epoch, instead of the %d of accumulate"
                            .formatted(count, recipe.accumulate()));
        }
        callbacks.epochBegins(number);
        for (int i = 0; i < steps && !stop.getAsBoolean(); i++) {
            if (i > 0 && callbacks.isStopped()) {
                break; // an epoch has a step, so that it has a loss
            }
            double at = number - 1 + (double) i / complete;
            learningRate =
                    recipe.learningRateAt(at, 1.0 / complete) * callbacks.learningRateFactor();
            int passes = Math.min(recipe.accumulate(), count - i * recipe.accumulate());
            // Each process runs its share of the passes of an update.
            for (int p = group.rank(); p < passes; p += group.size()) {
                read(maxPending, steps);
                try (TrainingBatch batch = batches.next()) {
                    step.backward(batch, passes);
                }
            }
            step.update(learningRate);
            read(maxPending, steps);
            report(i + 1, steps);
        }
        while (read(0, steps)) {
            // read the pending passes
        }
        step.finishEpoch();
        epochMean = ofAll(epochMean);
        if (epochMean.isEmpty() && !stop.getAsBoolean()) {
            throw new TrainingException(
                    ("an epoch must have a target that counts, but the %,d samples of epoch %d have"
                                    + " none: use a larger batch or more steps")
                            .formatted(epochMean.samples(), number));
        }
        trainedSeconds = seconds();
        waitedSeconds = batches.waited().toNanos() / NANOS;
    }

    /** Returns the result of the passes of all processes. */
    private StepResult ofAll(StepResult mine) {
        if (group.size() == 1) {
            return mine;
        }
        SpecJson json = SpecJson.standard();
        return group.gather(json.compact(mine).getBytes(StandardCharsets.UTF_8)).stream()
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .map(text -> json.parse(text, "the result of a process", StepResult.class))
                .reduce(StepResult.NONE, StepResult::plus);
    }

    private boolean read(int maxPending, int steps) {
        StepResult result = step.poll(maxPending);
        if (result == null) {
            return false;
        }
        int at = polled++ / recipe.accumulate() + 1;
        if (!Double.isFinite(result.loss())) {
            throw new TrainingException.Diverged(diverged(result.loss(), at, steps));
        }
        epochMean = epochMean.plus(result);
        lineMean = lineMean.plus(result);
        return true;
    }

    private void report(int done, int steps) {
        if (done % STEPS_PER_LINE == 0 && !lineMean.isEmpty()) {
            folder.metricsFile()
                    .append(
                            new Metrics.Step(
                                    number, step.updates(), lineMean.loss(), learningRate));
            lineMean = StepResult.NONE;
        }
        double perStep = seconds() / done;
        double left = (steps - done) + (double) (recipe.epochs() - number) * steps;
        listener.step(
                new Progress(
                        number,
                        done,
                        steps,
                        loss(),
                        epochMean.accuracy(),
                        learningRate,
                        epochMean.samples() / seconds(),
                        left * perStep));
        callbacks.stepEnds(new StepEnd(number, done, steps, step.updates(), loss(), learningRate));
    }

    /** Returns the mean loss of the epoch, NaN as long as no target counts. */
    private double loss() {
        return epochMean.isEmpty() ? Double.NaN : epochMean.loss();
    }

    /** Returns loss and accuracy of each output if there are several. */
    private List<Measure> trainMeasures() {
        List<Measure> measures = new ArrayList<>();
        if (epochMean.outputs().size() > 1) {
            for (StepResult.OutputLoss o : epochMean.outputs()) {
                measures.add(new Measure(o.output() + " loss", o.mean()));
                if (o.labels() > 0) {
                    measures.add(new Measure(o.output() + " accuracy", o.accuracy()));
                }
            }
        }
        return measures;
    }

    private String diverged(double loss, int at, int steps) {
        String last =
                epochMean.isEmpty()
                        ? "none before it"
                        : "mean before it %.4g".formatted(epochMean.loss());
        return "the loss is %s in epoch %d, step %d of %d (learning rate %s, %s). %s"
                .formatted(loss, number, at, steps, learningRate, last, advice(""));
    }

    /** Returns what to change after a divergence. */
    private String advice(String otherCause) {
        return ("Likely causes: a rate that is too high or without warmup (lower learningRate, set"
                    + " warmupEpochs), exploding gradients (set clipNorm),%s or inputs that are not"
                    + " normalized (for images mean and std of the spec's input). The checkpoint %s"
                    + " is kept")
                .formatted(
                        otherCause,
                        number == 1 ? "with the initial weights" : "of epoch " + (number - 1));
    }

    /**
     * Requires an evaluation with a finite loss, since a network without one must not be the best.
     *
     * @throws TrainingException.Diverged if the loss is not finite
     */
    EvaluationResult requireFinite(EvaluationResult found) {
        if (found.score().loss() == null) {
            throw new TrainingException.Diverged(
                    "the validation loss after epoch %d is not finite (learning rate %s, training loss %.4g). %s"
                            .formatted(
                                    number,
                                    learningRate,
                                    loss(),
                                    advice(" validation data without a target that counts,")));
        }
        return found;
    }

    /** Returns the metrics of the epoch, after its evaluation if there is validation data. */
    Metrics.Epoch metrics(@Nullable EvaluationResult found) {
        Score score = found == null ? Score.NONE : found.score();
        return new Metrics.Epoch(
                number,
                step.updates(),
                loss(),
                Double.isNaN(epochMean.accuracy()) ? null : epochMean.accuracy(),
                trainMeasures(),
                score.loss(),
                score.accuracy(),
                found == null ? List.of() : found.measures(),
                learningRate,
                epochMean.samples() / trainedSeconds,
                seconds(),
                waitedSeconds);
    }

    /** Returns what callbacks see of the epoch, under the names of its line in the metrics. */
    EpochEnd end(@Nullable EvaluationResult found) {
        Map<String, Double> measures = new LinkedHashMap<>();
        measures.put(EpochEnd.TRAIN_LOSS, loss());
        if (!Double.isNaN(epochMean.accuracy())) {
            measures.put(EpochEnd.TRAIN_ACCURACY, epochMean.accuracy());
        }
        if (found != null) {
            Score score = found.score();
            measures.put(
                    EpochEnd.VALIDATION_LOSS, Objects.requireNonNullElse(score.loss(), Double.NaN));
            if (score.accuracy() != null) {
                measures.put(EpochEnd.VALIDATION_ACCURACY, score.accuracy());
            }
            found.measures().forEach(m -> measures.put(m.name(), m.value()));
            found.undefined().forEach(name -> measures.put(name, Double.NaN));
        }
        return new EpochEnd(
                number, recipe.epochs(), step.updates(), learningRate, ofFirst(measures));
    }

    /** Returns the measures of process 0, so that callbacks decide the same in all. */
    private Map<String, Double> ofFirst(Map<String, Double> mine) {
        if (group.size() == 1) {
            return mine;
        }
        String text = Joiner.on('\n').withKeyValueSeparator('\t').join(mine);
        byte[] first = group.gather(text.getBytes(StandardCharsets.UTF_8)).get(0);
        Map<String, Double> measures = new LinkedHashMap<>();
        Splitter.on('\n')
                .withKeyValueSeparator('\t')
                .split(new String(first, StandardCharsets.UTF_8))
                .forEach((name, value) -> measures.put(name, Double.valueOf(value)));
        return measures;
    }

    private double seconds() {
        return (System.nanoTime() - start) / NANOS;
    }
}
