package io.residuum.train;

import io.residuum.data.Augmentation;
import io.residuum.data.BatchLoader;
import io.residuum.data.DataSplits;
import io.residuum.model.Network;
import io.residuum.spec.json.SpecJson;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Trains a classifier of images into a run folder: after every epoch it is evaluated, and the
 * folder holds a checkpoint to go on from and the best network so far. A run that is stopped, or
 * killed, and resumed ends with bit for bit the weights of one that was not.
 *
 * <pre>{@code
 * ModelSpec spec = ImageInputs.normalizedBy(preset, data.measuredNormalization());
 * try (Network network = Network.create(spec, backend, recipe.seed())) {
 *     Trainer trainer = new Trainer(network, recipe, data, folder, ProgressListener.NONE);
 *     Trainer.Result result = trainer.start();
 * }
 * }</pre>
 */
public final class Trainer {
    /** The metadata key of a saved model that holds the names of its classes, a JSON array. */
    public static final String CLASSES = "residuum.classes";

    private final Network network;
    private final Recipe recipe;
    private final DataSplits data;
    private final RunFolder folder;
    private final ProgressListener listener;
    private @Nullable Evaluation bestEvaluation;
    private volatile boolean stopping;

    /** How a run ended. */
    public enum Outcome {
        /** All epochs are done. */
        FINISHED,
        /** It was asked to stop, and can be resumed. */
        STOPPED,
        /** It had been finished before; nothing was done. */
        ALREADY_FINISHED
    }

    /**
     * What a run came to.
     *
     * @param outcome how it ended
     * @param epochs epochs done
     * @param bestEpoch the epoch whose network is {@code model.safetensors}, 0 for none
     * @param bestAccuracy its validation accuracy, in [0, 1]
     */
    public record Result(Outcome outcome, int epochs, int bestEpoch, double bestAccuracy) {}

    /**
     * Prepares a run; nothing is written yet.
     *
     * @param network what is trained, with the weights to begin with; its parameters are frozen as
     *     the recipe says
     * @param recipe how; where it leaves the augmentation to the data, that of the data is taken
     * @param data on what, in the shape that the network reads
     * @param folder where to
     * @param listener is told how it goes
     * @throws TrainingException if data and network do not fit
     * @throws io.residuum.spec.SpecException if a pattern of the recipe freezes nothing
     */
    public Trainer(
            Network network,
            Recipe recipe,
            DataSplits data,
            Path folder,
            ProgressListener listener) {
        Evaluator.requireFitting(network, data.train());
        Evaluator.requireFitting(network, data.evaluation());
        recipe.freeze().forEach(network::freeze);
        this.network = network;
        this.recipe =
                recipe.augmentation() != null
                        ? recipe
                        : recipe.toBuilder().augmentation(data.augmentation()).build();
        this.data = data;
        this.folder = new RunFolder(folder);
        this.listener = listener;
    }

    /** Asks the training to end after the step it is in; may be called from any thread. */
    public void requestStop() {
        stopping = true;
    }

    /**
     * Begins a run.
     *
     * @return how it ended
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
        try (TrainingStep step = new TrainingStep(network, recipe)) {
            folder.truncateMetrics(0);
            folder.writeSettings(network.spec(), recipe);
            // From here on the folder holds a run, which a run killed in its first epoch is resumed
            // from.
            return train(step, save(step, Checkpoint.State.START));
        }
    }

    /**
     * Goes on with the run that the folder holds. The network's weights are replaced by the
     * checkpoint's.
     *
     * @return how it ended
     * @throws TrainingException if there is no run, if it is one of another network or recipe, or
     *     the loss is not finite
     */
    public Result resume() {
        if (!folder.holdsRun()) {
            throw new TrainingException(
                    "a run is resumed from its checkpoint, but there is no "
                            + folder.checkpoint()
                            + ": start one without --resume, or name its folder (--out)");
        }
        Checkpoint checkpoint = Checkpoint.read(folder.checkpoint());
        Checkpoint.State state = checkpoint.state();
        Resumption.require(checkpoint, network.spec(), recipe);
        if (state.epoch() == recipe.epochs()) {
            return result(Outcome.ALREADY_FINISHED, state);
        }
        try (TrainingStep step = new TrainingStep(network, recipe)) {
            checkpoint.restore(folder.checkpoint(), network, step);
            folder.truncateMetrics(state.epoch());
            folder.writeSettings(network.spec(), recipe);
            return train(step, state);
        }
    }

    private Result train(TrainingStep step, Checkpoint.State begin) {
        Checkpoint.State state = begin;
        try (BatchLoader loader = loader()) {
            int steps = EpochRun.steps(loader.batches(), recipe);
            listener.started(state.epoch(), recipe.epochs(), steps);
            while (state.epoch() < recipe.epochs()) {
                EpochRun epoch = new EpochRun(recipe, state.epoch() + 1, step, folder, listener);
                seed(epoch.number());
                try (BatchLoader.Epoch batches = loader.epoch(epoch.number())) {
                    epoch.train(batches, loader.batches(), step.ahead(), () -> stopping);
                    if (stopping) {
                        return result(Outcome.STOPPED, state);
                    }
                }
                state = finish(epoch, step, state);
            }
        }
        return result(Outcome.FINISHED, state);
    }

    private BatchLoader loader() {
        List<Augmentation> augmentation = recipe.augmentation();
        return BatchLoader.over(data.train())
                .batchSize(recipe.batch())
                .shuffle(true)
                .seed(recipe.seed())
                .dropLast(true)
                .augment(
                        ImageInputs.pipeline(
                                augmentation == null ? List.of() : augmentation, network.spec()))
                .mix(recipe.mixing())
                .labelSmoothing(recipe.labelSmoothing())
                .open();
    }

    /**
     * Everything random in an epoch follows from the seed and its number, so that no state need be
     * saved.
     */
    private void seed(int epoch) {
        long seed = new SplittableRandom(recipe.seed() ^ Long.reverse(epoch)).nextLong();
        network.backend().seed(seed);
        network.reseed(seed);
    }

    /** Evaluates and saves: the model before the checkpoint, which makes the epoch done. */
    private Checkpoint.State finish(EpochRun epoch, TrainingStep step, Checkpoint.State before) {
        listener.evaluating(epoch.number(), data.evaluation().size());
        step.swapAverage();
        Evaluation evaluation = Evaluator.evaluate(network, data.evaluation(), recipe.batch());
        boolean best = before.bestEpoch() == 0 || evaluation.top1() > before.bestAccuracy();
        if (best) {
            bestEvaluation = evaluation;
            network.save(folder.model(), Map.of(CLASSES, classNames()));
        }
        step.swapAverage();
        Metrics.Epoch metrics = epoch.metrics(evaluation);
        folder.append(metrics);
        Checkpoint.State state =
                new Checkpoint.State(
                        epoch.number(),
                        step.updates(),
                        best ? epoch.number() : before.bestEpoch(),
                        best ? evaluation.top1() : before.bestAccuracy());
        save(step, state);
        new RunReport(network.spec(), recipe, data, network.backend())
                .write(folder, bestEvaluation());
        listener.epoch(metrics, best);
        return state;
    }

    private Checkpoint.State save(TrainingStep step, Checkpoint.State state) {
        new Checkpoint(network.spec(), recipe, state).write(folder.checkpoint(), network, step);
        return state;
    }

    /** Of the network in {@code model.safetensors}, which an earlier process may have written. */
    private Evaluation bestEvaluation() {
        Evaluation best = bestEvaluation;
        if (best == null) {
            try (Network saved = Network.load(folder.model(), network.backend())) {
                best = Evaluator.evaluate(saved, data.evaluation(), recipe.batch());
            }
            bestEvaluation = best;
        }
        return best;
    }

    private record Names(List<String> names) {}

    private String classNames() {
        // SpecJson writes records: what is wanted is the array inside.
        String json =
                new SpecJson(List.of())
                        .compact(new Names(new ArrayList<>(data.train().classNames())));
        return json.substring(json.indexOf('['), json.lastIndexOf(']') + 1);
    }

    private static Result result(Outcome outcome, Checkpoint.State state) {
        return new Result(outcome, state.epoch(), state.bestEpoch(), state.bestAccuracy());
    }
}
