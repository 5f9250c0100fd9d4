package io.residuum.train;

import io.residuum.compile.CompileOptions;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Trains a network on a {@link Task} and writes a run folder. After every epoch it evaluates the
 * network, and saves a checkpoint and the best network so far. A run that was stopped or killed and
 * then resumed ends with the same weights, bit for bit, as an uninterrupted run.
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
    private final RunFolder folder;
    private final ProgressListener listener;
    private @Nullable EvaluationResult bestFound;
    private volatile boolean stopping;

    /** The way a run ended. */
    public enum Outcome {
        /** Every epoch is done. */
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
     */
    public record Result(Outcome outcome, int epochs, int bestEpoch, @Nullable Score best) {}

    /**
     * Prepares a run, without writing anything.
     *
     * @param network the network with its initial weights; its parameters are frozen as the recipe
     *     says
     * @param recipe the recipe; the task fills in what depends on the data
     * @param task the task
     * @param folder the run folder
     * @param listener receives the progress
     * @throws TrainingException if task and network do not fit
     * @throws io.residuum.spec.SpecException if a pattern of the recipe matches nothing
     */
    public Trainer(
            Network network, Recipe recipe, Task task, Path folder, ProgressListener listener) {
        task.requireFitting(network);
        recipe.freeze().forEach(network::freeze);
        recipe.learningRates(network); // fails now, before anything is written
        this.network = network;
        this.recipe = task.completed(recipe);
        this.task = task;
        this.folder = new RunFolder(folder);
        this.listener = listener;
        if (recipe.compile()) {
            network.compile(CompileOptions.DEFAULT, listener::note);
        }
    }

    /** Asks training to stop after the current step. May be called from any thread. */
    public void requestStop() {
        stopping = true;
    }

    /**
     * Starts a run.
     *
     * @return the result
     * @throws TrainingException if the folder holds a run already, or the loss is not finite
     */
    public Result start() {
        if (folder.holdsRun()) {
            Checkpoint.State there = Checkpoint.read(folder.checkpoint()).state();
            throw new TrainingException(
                    "a new run needs a folder without one, but %s holds one of %d epochs: resume it (--resume),"
                                    .formatted(folder.path(), there.epoch())
                            + " or choose another folder (--out)");
        }
        folder.create();
        try (TrainingStep step = new TrainingStep(network, recipe, listener::note)) {
            folder.truncateMetrics(0);
            folder.writeSettings(network.spec(), recipe);
            // With this checkpoint, a run that is killed in its first epoch can be resumed.
            return train(step, save(step, Checkpoint.State.START));
        }
    }

    /**
     * Resumes the run in the folder. The checkpoint's weights replace the network's.
     *
     * @return the result
     * @throws TrainingException if there is no run, it has another network or recipe, or the loss
     *     is not finite
     */
    public Result resume() {
        if (!folder.holdsRun()) {
            throw new TrainingException(
                    "resuming needs a checkpoint, but there is no "
                            + folder.checkpoint()
                            + ": start one without --resume, or name its folder (--out)");
        }
        Checkpoint checkpoint = Checkpoint.read(folder.checkpoint());
        Checkpoint.State state = checkpoint.state();
        ResumeCheck.require(checkpoint, network.spec(), recipe);
        if (state.epoch() == recipe.epochs()) {
            return result(Outcome.ALREADY_FINISHED, state);
        }
        try (TrainingStep step = new TrainingStep(network, recipe, listener::note)) {
            checkpoint.restore(folder.checkpoint(), network, step);
            folder.truncateMetrics(state.epoch());
            folder.writeSettings(network.spec(), recipe);
            return train(step, state);
        }
    }

    private Result train(TrainingStep step, Checkpoint.State begin) {
        Checkpoint.State state = begin;
        try (BatchSource feed = task.feed(network.spec(), recipe)) {
            int steps = EpochLoop.steps(feed.batches(), recipe);
            listener.started(state.epoch(), recipe.epochs(), steps);
            while (state.epoch() < recipe.epochs()) {
                EpochLoop epoch = new EpochLoop(recipe, state.epoch() + 1, step, folder, listener);
                seed(epoch.number());
                try (BatchSource.Epoch batches = feed.epoch(epoch.number())) {
                    epoch.train(batches, feed.batches(), step.ahead(), () -> stopping);
                    if (stopping) {
                        return result(Outcome.STOPPED, state);
                    }
                }
                state = finish(epoch, step, state);
            }
        }
        return result(Outcome.FINISHED, state);
    }

    /**
     * Derives all randomness of an epoch from the seed and its number, so that no state need be
     * saved.
     */
    private void seed(int epoch) {
        long seed = new SplittableRandom(recipe.seed() ^ Long.reverse(epoch)).nextLong();
        network.backend().seed(seed);
        network.reseed(seed);
    }

    /** Evaluates and saves. The checkpoint comes last, since it marks the epoch as done. */
    private Checkpoint.State finish(EpochLoop epoch, TrainingStep step, Checkpoint.State before) {
        listener.evaluating(epoch.number(), task.evaluationSize());
        step.swapAverage();
        EvaluationResult found = task.evaluate(network, recipe.batch());
        boolean best = found.score().betterThan(before.best());
        if (best) {
            bestFound = found;
            network.setMetadata(new ModelMetadata(task.metadata()));
            network.save(folder.model());
        }
        List<String> samples = task.samples(network);
        step.swapAverage();
        Metrics.Epoch metrics = epoch.metrics(found);
        folder.append(metrics);
        samples.forEach(text -> folder.append(new Metrics.Sample(epoch.number(), text)));
        Checkpoint.State state =
                new Checkpoint.State(
                        epoch.number(),
                        step.updates(),
                        best ? epoch.number() : before.bestEpoch(),
                        best ? found.score() : before.best());
        save(step, state);
        new RunReport(network.spec(), recipe, task, network.backend()).write(folder, bestFound());
        listener.epoch(metrics, best);
        samples.forEach(text -> listener.sample(epoch.number(), text));
        return state;
    }

    private Checkpoint.State save(TrainingStep step, Checkpoint.State state) {
        new Checkpoint(network.spec(), recipe, state).write(folder.checkpoint(), network, step);
        return state;
    }

    /**
     * Returns the evaluation of {@code model.safetensors}, which an earlier process may have
     * written.
     */
    private EvaluationResult bestFound() {
        EvaluationResult best = bestFound;
        if (best == null) {
            try (Network saved = Network.load(folder.model(), network.backend())) {
                best = task.evaluate(saved, recipe.batch());
            }
            bestFound = best;
        }
        return best;
    }

    private static Result result(Outcome outcome, Checkpoint.State state) {
        return new Result(outcome, state.epoch(), state.bestEpoch(), state.best());
    }
}
