package io.residuum.train;

import io.residuum.compile.CompileOptions;
import io.residuum.compile.ComputeType;
import io.residuum.engine.ExitGuard;
import io.residuum.files.FolderLock;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.train.callback.Callback;
import io.residuum.train.callback.CallbackRunner;
import io.residuum.train.parallel.DataParallel;
import io.residuum.train.report.Predictions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Trains a network on a {@link Task} and writes a run folder. After every epoch it evaluates the
 * network on the validation data, and saves a checkpoint and the best network so far. After the
 * last epoch it evaluates the best network on the test data, once. A run that was stopped or killed
 * and then resumed ends with the same weights, bit for bit, as an uninterrupted run.
 *
 * <p>If the process is asked to end (Ctrl-C, SIGTERM, {@code System.exit}), training stops after
 * the current step and keeps its thread, see {@link ExitGuard}.
 *
 * <pre>{@code
 * try (Network network = Network.create(spec, backend, recipe.seed())) {
 *     Trainer trainer = new Trainer(network, recipe, task, folder, ProgressListener.NONE);
 *     Trainer.Result result = trainer.start();
 * }
 * }</pre>
 */
public final class Trainer {
    private final Network network;
    private final Recipe recipe;
    private final Task task;
    private final Optional<String> data;
    private final RunFolder folder;
    private final ProgressListener listener;
    private final List<String> notes;
    private final List<Callback> callbacks = new ArrayList<>();
    private @Nullable EvaluationResult bestFound;
    private DataParallel parallel = DataParallel.ALONE;
    private volatile boolean stopping;
    private int lastEpoch = Integer.MAX_VALUE;

    /** The way a run ended. */
    public enum Outcome {
        /** Every epoch is done, or a callback ended the run. */
        FINISHED,
        /** The run was asked to stop, and can be resumed. */
        STOPPED,
        /** The run had finished before, so nothing was done. */
        ALREADY_FINISHED
    }

    /**
     * The result of a run.
     *
     * @param outcome the way it ended
     * @param epochs the number of epochs done
     * @param bestEpoch the epoch whose network is {@code model.safetensors}, 0 for none
     * @param best the score of that network on the validation data, null for none
     * @param test the evaluation of that network on the test data, null if there is none or the run
     *     was stopped
     */
    public record Result(
            Outcome outcome,
            int epochs,
            int bestEpoch,
            @Nullable Score best,
            Metrics.@Nullable Test test) {}

    /**
     * Prepares a run, without writing anything.
     *
     * @param network the network with its initial weights; its parameters are frozen as the recipe
     *     says
     * @param recipe the recipe; the task fills in what depends on the data
     * @param folder the run folder
     * @param listener receives the progress
     * @throws TrainingException if task and network do not fit
     * @throws io.residuum.spec.SpecException if a pattern of the recipe matches nothing, or the
     *     network has heads that are no outputs
     */
    public Trainer(
            Network network, Recipe recipe, Task task, Path folder, ProgressListener listener) {
        network.requireNoUnreadHead("training");
        task.requireFitting(network);
        recipe.requireValidation(task);
        recipe.freeze(network);
        recipe.quantize(network);
        // Both fail now, before anything is written.
        recipe.learningRates(network);
        OutputEvaluator.requireOutputs(network, EvaluationOptions.of(recipe));
        this.network = network;
        this.recipe = EpochLoop.inEpochs(task, network, task.completed(recipe));
        this.recipe.callbacks().forEach(spec -> callbacks.add(spec.newCallback()));
        this.task = task;
        this.data = task.fingerprint();
        this.folder = new RunFolder(folder);
        this.listener = listener;
        this.notes = task.notes();
        notes.forEach(listener::note);
        if (recipe.compile()) {
            network.compile(CompileOptions.DEFAULT, listener::note);
        }
    }

    /**
     * Adds a callback after those of the recipe. Resuming needs the same ones, in the same order.
     *
     * @param callback the callback, for one run
     */
    public void addCallback(Callback callback) {
        callbacks.add(callback);
    }

    /**
     * Trains together with other processes, each of which calls this with the same network, recipe
     * and data. Process 0 evaluates the network and writes the run folder. The others resume from a
     * copy of that folder, maybe in another number of processes.
     *
     * @param processes how they train together. Default: {@link DataParallel#ALONE}
     * @throws io.residuum.spec.SpecException if the recipe cannot be shared by as many
     */
    public void joinGroup(DataParallel processes) {
        processes.requireFitting(recipe.accumulate(), recipe.compute() == ComputeType.FLOAT16);
        parallel = processes;
    }

    /** Requests a stop after the current step. May be called from any thread. */
    public void requestStop() {
        stopping = true;
    }

    /**
     * Stops training after an epoch, as {@link #requestStop} does, so that it can be resumed.
     *
     * @param epoch the epoch, counted from 1. Default: none
     */
    public void stopAfter(int epoch) {
        lastEpoch = epoch;
    }

    /**
     * Starts a run.
     *
     * @throws TrainingException if the folder holds a run already, another process trains there, or
     *     the loss is not finite
     */
    public Result start() {
        folder.create();
        try (FolderLock lock = folder.lock(listener::note)) {
            if (folder.holdsRun()) {
                throw new TrainingException(
                        "a new run needs a folder without one, but %s holds one of %d epochs: resume it (--resume),"
                                        .formatted(
                                                folder.path(),
                                                Checkpoints.newest(folder).state().epoch())
                                + " or choose another folder (--out)");
            }
            folder.removeStale();
            folder.metricsFile().truncate(0, listener::note);
            folder.writeSettings(network.spec(), recipe.written());
            try (ExitGuard guard = new ExitGuard(this::requestStop);
                    TrainingStep step = new TrainingStep(network, recipe, listener::note)) {
                // With this checkpoint, a run that is killed in its first epoch can be resumed.
                return train(step, save(step, Checkpoint.State.START));
            }
        }
    }

    /**
     * Resumes the run in the folder. The checkpoint's weights replace the network's. If the last
     * checkpoint is damaged, the run goes back to the one before.
     *
     * @throws TrainingException if there is no run, it has other data, another network or recipe,
     *     another process trains there, or the loss is not finite
     */
    public Result resume() {
        if (!folder.holdsRun()) {
            throw new TrainingException(
                    "resuming needs a checkpoint, but there is no "
                            + folder.checkpoint()
                            + ": start one without --resume, or name its folder (--out)");
        }
        try (FolderLock lock = folder.lock(listener::note)) {
            Checkpoints newest = Checkpoints.newest(folder);
            Checkpoint.State state = newest.state();
            ResumeCheck.require(newest.checkpoint(), network.spec(), recipe.written(), data);
            ResumeCheck.threads(newest.checkpoint(), threads()).ifPresent(listener::note);
            folder.removeStale();
            newest.replaces()
                    .ifPresent(
                            why ->
                                    listener.note(
                                            "%s. The run continues from %s, after epoch %d"
                                                    .formatted(why, newest.file(), state.epoch())));
            if (state.isFinished(recipe)) {
                String stopped = state.callbacks().stopped();
                if (stopped != null) {
                    listener.log(stopped);
                }
                return finished(Outcome.ALREADY_FINISHED, state);
            }
            try (ExitGuard guard = new ExitGuard(this::requestStop);
                    TrainingStep step = new TrainingStep(network, recipe, listener::note)) {
                newest.checkpoint().restore(newest.file(), network, step);
                newest.promote(folder);
                folder.metricsFile().truncate(state.epoch(), listener::note);
                folder.writeSettings(network.spec(), recipe.written());
                return train(step, state);
            }
        }
    }

    /**
     * Resumes the run in the folder, or starts one if there is none.
     *
     * @throws TrainingException as {@link #start} and {@link #resume} do
     */
    public Result startOrResume() {
        return folder.holdsRun() ? resume() : start();
    }

    private Result train(TrainingStep step, Checkpoint.State begin) {
        Checkpoint.State state = begin;
        try (BatchSource source = task.trainingBatches(network.spec(), recipe);
                CallbackRunner called =
                        new CallbackRunner(
                                callbacks,
                                state.callbacks(),
                                network,
                                folder.path(),
                                listener::log)) {
            step.join(parallel);
            int steps = EpochLoop.steps(source.batches(), recipe);
            listener.started(state.epoch(), recipe.epochs(), steps);
            called.trainingBegins(state.epoch());
            while (!state.isFinished(recipe)) {
                if (state.epoch() >= lastEpoch) {
                    return result(Outcome.STOPPED, state, null);
                }
                int next = state.epoch() + 1;
                EpochLoop epoch =
                        new EpochLoop(recipe, next, step, folder, listener, called, parallel);
                seed(epoch.number());
                try (BatchSource.Epoch batches = source.epoch(epoch.number(), parallel.share())) {
                    epoch.train(batches, source.batches(), step.maxPending(), () -> stopping);
                    if (stopping) {
                        return result(Outcome.STOPPED, state, null);
                    }
                }
                state = finish(epoch, step, state, called);
            }
        }
        return finished(Outcome.FINISHED, state);
    }

    /**
     * Derives all randomness of an epoch from the seed and its number, so that no state need be
     * saved.
     */
    private void seed(int epoch) {
        long first = new SplittableRandom(recipe.seed() ^ Long.reverse(epoch)).nextLong();
        long seed = first + parallel.group().rank(); // dropout differs between processes
        network.backend().seed(seed);
        network.reseed(seed);
    }

    /** Evaluates and saves. The checkpoint comes last, since it marks the epoch as done. */
    private Checkpoint.State finish(
            EpochLoop epoch, TrainingStep step, Checkpoint.State before, CallbackRunner called) {
        EvaluationSet validation = task.validation().orElse(null);
        step.swapWeights();
        EvaluationResult found = null;
        if (validation != null && parallel.leads()) {
            listener.evaluating(epoch.number(), validation.size());
            found = epoch.requireFinite(validation.evaluate(network, EvaluationOptions.of(recipe)));
        }
        // Without validation data the last epoch counts. The test data must not choose.
        Score score = found == null ? null : score(found);
        boolean best = score == null || score.betterThan(before.best());
        if (best) {
            bestFound = found;
            network.setMetadata(
                    new ModelMetadata(task.metadata(recipe)).withQuantization(network.metadata()));
            if (parallel.leads()) {
                network.save(folder.model());
            }
        }
        List<String> samples = parallel.leads() ? task.samples(network) : List.of();
        step.swapWeights();
        Metrics.Epoch metrics = epoch.metrics(found);
        folder.metricsFile().append(metrics);
        samples.forEach(
                text -> folder.metricsFile().append(new Metrics.Sample(epoch.number(), text)));
        Checkpoint.State state =
                new Checkpoint.State(
                        epoch.number(),
                        step.updates(),
                        best ? epoch.number() : before.bestEpoch(),
                        best && score != null ? score : before.best(),
                        called.epochEnds(epoch.end(found)));
        if (!parallel.leads()) {
            return state;
        }
        save(step, state);
        report(
                state,
                validation == null
                        ? Predictions.NONE
                        : bestFound(validation).predictions().get().on("validation"));
        listener.epoch(metrics, best);
        samples.forEach(text -> listener.sample(epoch.number(), text));
        return state;
    }

    private Checkpoint.State save(TrainingStep step, Checkpoint.State state) {
        new Checkpoint(network.spec(), recipe.written(), data.orElse(null), threads(), state)
                .write(folder.checkpoint(), folder.previousCheckpoint(), network, step);
        return state;
    }

    /** {@return the threads that decide in which order the engine adds, 0 for a GPU} */
    private int threads() {
        return network.backend().device().isGpu() ? 0 : network.backend().ops().threads();
    }

    /**
     * Returns the evaluation of {@code model.safetensors}, which an earlier process may have
     * written.
     */
    private EvaluationResult bestFound(EvaluationSet validation) {
        EvaluationResult best = bestFound;
        if (best == null) {
            best = evaluateSaved(validation);
            bestFound = best;
        }
        return best;
    }

    private EvaluationResult evaluateSaved(EvaluationSet set) {
        try (Network saved = Network.load(folder.model(), network.backend())) {
            if (recipe.compile()) {
                saved.compile(CompileOptions.DEFAULT, listener::note);
            }
            return set.evaluate(saved, EvaluationOptions.of(recipe));
        }
    }

    /** Evaluates the chosen network on the test data, unless an earlier process did. */
    private Result finished(Outcome outcome, Checkpoint.State state) {
        EvaluationSet test = task.test().orElse(null);
        if (test == null || !parallel.leads()) {
            return result(outcome, state, null);
        }
        for (Metrics line : folder.metricsFile().read().lines()) {
            if (line instanceof Metrics.Test done && done.epoch() == state.epoch()) {
                return result(outcome, state, done);
            }
        }
        listener.testing(test.size());
        EvaluationResult found = evaluateSaved(test);
        Metrics.Test line =
                new Metrics.Test(
                        state.epoch(),
                        state.bestEpoch(),
                        test.size(),
                        found.score().loss(),
                        found.score().accuracy(),
                        found.measures());
        folder.metricsFile().append(line);
        report(state, found.predictions().get().on("test"));
        return result(outcome, state, line);
    }

    private Score score(EvaluationResult found) {
        Score.Choice choice = recipe.best();
        return choice == null ? found.score() : choice.of(found);
    }

    private void report(Checkpoint.State state, Predictions shown) {
        // Without validation data no epoch is better than another.
        int best = state.best() == null ? 0 : state.bestEpoch();
        new RunReport(network.spec(), recipe.written(), task, notes, network.backend())
                .write(folder, best, shown);
    }

    private static Result result(
            Outcome outcome, Checkpoint.State state, Metrics.@Nullable Test test) {
        return new Result(outcome, state.epoch(), state.bestEpoch(), state.best(), test);
    }
}
