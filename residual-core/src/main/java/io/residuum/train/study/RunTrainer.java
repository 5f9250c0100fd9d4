package io.residuum.train.study;

import io.residuum.engine.Backend;
import io.residuum.model.Cost;
import io.residuum.model.Network;
import io.residuum.train.Recipe;
import io.residuum.train.RunFolder;
import io.residuum.train.Trainer;
import io.residuum.train.TrainingException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Trains runs of a study in this process, one at a time. */
final class RunTrainer {
    private final StudyData data;
    private final Backend backend;
    private final StudyFolder folder;
    private final StudyListener listener;
    private @Nullable Trainer current;
    private boolean stopping;

    RunTrainer(StudyData data, Backend backend, StudyFolder folder, StudyListener listener) {
        this.data = data;
        this.backend = backend;
        this.folder = folder;
        this.listener = listener;
    }

    /** Requests a stop after the current step. May be called from any thread. */
    synchronized void requestStop() {
        stopping = true;
        if (current != null) {
            current.requestStop();
        }
    }

    private synchronized void setCurrent(@Nullable Trainer trainer) {
        current = trainer;
        if (trainer != null && stopping) {
            trainer.requestStop();
        }
    }

    /**
     * Starts or continues a run. Writes its result; returns empty if it stopped before its end,
     * when asked to or after a number of epochs.
     */
    Optional<RunRecord> train(StudyRun run, int epochs) {
        Variant variant = run.variant();
        Recipe recipe = variant.recipe().with().seed(run.seed()).build();
        try (StudyData.Opened opened = data.open(variant.model(), recipe);
                Network network =
                        variant.model().open(opened.spec(), backend, run.seed(), plan -> {})) {
            folder.writeSpec(variant, network.spec());
            Trainer trainer =
                    new Trainer(
                            network,
                            variant.recipe(network.spec(), opened.task())
                                    .with()
                                    .seed(run.seed())
                                    .build(),
                            opened.task(),
                            run.folder(),
                            listener.trains(run, opened.task()));
            trainer.stopAfter(epochs);
            setCurrent(trainer);
            Optional<RunRecord> record = record(trainer, run, network.cost());
            record.ifPresent(r -> r.write(run.folder()));
            return record;
        } finally {
            setCurrent(null);
        }
    }

    private static Optional<RunRecord> record(Trainer trainer, StudyRun run, Cost cost) {
        RunFolder files = new RunFolder(run.folder());
        try {
            Trainer.Result result = trainer.startOrResume();
            if (result.outcome() == Trainer.Outcome.STOPPED) {
                return Optional.empty();
            }
            return Optional.of(
                    RunRecord.of(
                            RunRecord.Outcome.FINISHED,
                            files.readMetrics(),
                            result.bestEpoch(),
                            null,
                            cost));
        } catch (TrainingException.Diverged e) {
            return Optional.of(
                    RunRecord.of(
                            RunRecord.Outcome.DIVERGED,
                            files.readMetrics(),
                            0,
                            String.valueOf(e.getMessage()),
                            cost));
        }
    }
}
