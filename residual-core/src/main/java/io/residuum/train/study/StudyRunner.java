package io.residuum.train.study;

import io.residuum.engine.Backend;
import io.residuum.engine.ExitGuard;
import io.residuum.files.FolderLock;
import io.residuum.model.Cost;
import io.residuum.model.Network;
import io.residuum.train.DivergedException;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.RunFolder;
import io.residuum.train.Trainer;
import io.residuum.train.TrainingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Runs a study: trains each variant with each seed in a run folder of its own, and writes tables,
 * curves and a report after each run. A run whose loss is not finite is a result. A study that was
 * stopped or killed and then resumed ends with the same numbers as an uninterrupted one.
 *
 * <p>If the process is asked to end (Ctrl-C, SIGTERM, {@code System.exit}), the study stops after
 * the current step and keeps its thread, see {@link ExitGuard}.
 *
 * <pre>{@code
 * Study study = Study.read(Path.of("shortcuts.json"));
 * StudyResult result =
 *         new StudyRunner(study, data, backend, Path.of("runs/shortcuts"), StudyListener.NONE)
 *                 .start();
 * result.best().ifPresent(best -> System.out.println(best.variant().name()));
 * }</pre>
 */
public final class StudyRunner {
    private final Study study;
    private final StudyData data;
    private final Backend backend;
    private final StudyFolder folder;
    private final StudyListener listener;
    private final List<RunResult> ended = new ArrayList<>();
    private @Nullable Trainer current;
    private boolean stopping;

    /**
     * Prepares a study, without writing anything.
     *
     * @param study the study
     * @param data opens the data
     * @param backend trains the networks
     * @param folder the folder to write
     * @param listener receives the progress
     */
    public StudyRunner(
            Study study, StudyData data, Backend backend, Path folder, StudyListener listener) {
        this.study = study;
        this.data = data;
        this.backend = backend;
        this.folder = new StudyFolder(folder);
        this.listener = listener;
    }

    /** Asks the study to stop after the current step. May be called from any thread. */
    public synchronized void requestStop() {
        stopping = true;
        if (current != null) {
            current.requestStop();
        }
    }

    private synchronized boolean isStopping() {
        return stopping;
    }

    private synchronized void setCurrent(@Nullable Trainer trainer) {
        current = trainer;
        if (trainer != null && stopping) {
            trainer.requestStop();
        }
    }

    /**
     * Starts the study.
     *
     * @return the results, complete unless the study was asked to stop
     * @throws TrainingException if the folder holds a study already, or a run fails for another
     *     reason than its loss
     */
    public StudyResult start() {
        if (folder.holdsStudy()) {
            throw new TrainingException(
                    "a new study needs a folder without one, but %s holds one: resume it (--resume), or choose another folder (--out)"
                            .formatted(folder.path()));
        }
        return run(null);
    }

    /**
     * Continues the study in the folder. Variants and seeds may have been added.
     *
     * @return the results, complete unless the study was asked to stop
     * @throws TrainingException if there is no study, its settings have changed, or a run fails for
     *     another reason than its loss
     */
    public StudyResult resume() {
        if (!folder.holdsStudy()) {
            throw new TrainingException(
                    "resuming needs the folder of a study, but there is no %s: start one without --resume, or name its folder (--out)"
                            .formatted(folder.plan()));
        }
        return run(StudyPlan.read(folder.path()));
    }

    private StudyResult run(@Nullable StudyPlan before) {
        StudyPlan plan = StudyPlan.of(study);
        if (before != null) {
            before.requireContinued(plan, folder.path());
        }
        folder.create();
        try (FolderLock lock = folder.lock();
                ExitGuard guard = new ExitGuard(this::requestStop)) {
            plan.write(folder.path());
            train();
            StudyResult result = StudyResult.of(study, ended);
            write(result);
            return result;
        }
    }

    /** Trains all runs to each rung in turn. */
    private void train() {
        List<Variant> left = study.variants();
        List<Integer> rungs = Rungs.of(study);
        for (int epochs : rungs) {
            for (StudyRun run : runs(left)) {
                if (isStopping() || !trainTo(epochs, run)) {
                    return;
                }
            }
            if (study.search() instanceof Search.SuccessiveHalving halving
                    && epochs < Integer.MAX_VALUE) {
                left = dropWorst(left, halving);
            }
        }
    }

    /** Returns the runs of variants, seed by seed, so that all can be compared early. */
    private List<StudyRun> runs(List<Variant> variants) {
        List<StudyRun> runs = new ArrayList<>();
        for (long seed : study.seeds()) {
            for (Variant variant : variants) {
                runs.add(new StudyRun(variant, seed, folder.run(variant, seed)));
            }
        }
        return runs;
    }

    /** Trains a run, unless it was before. Returns false if it was asked to stop. */
    private boolean trainTo(int epochs, StudyRun run) {
        if (ended.stream().anyMatch(e -> e.run().equals(run))) {
            return true;
        }
        Optional<RunRecord> known = RunRecord.read(run.folder());
        if (known.isPresent()) {
            ended.add(result(run, known.get()));
            return true;
        }
        if (epochsDone(run) >= epochs) {
            return true;
        }
        Optional<RunRecord> record = trainNow(epochs, run);
        if (record.isEmpty()) {
            return !isStopping();
        }
        end(run, record.get());
        return true;
    }

    private void end(StudyRun run, RunRecord record) {
        record.write(run.folder());
        RunResult result = result(run, record);
        ended.add(result);
        write(StudyResult.of(study, ended));
        listener.ended(result);
    }

    private Optional<RunRecord> trainNow(int epochs, StudyRun run) {
        Variant variant = run.variant();
        Recipe recipe = variant.recipe().with().seed(run.seed()).build();
        try (StudyData.Opened opened = data.open(variant.model(), recipe);
                Network network =
                        variant.model().open(opened.spec(), backend, run.seed(), plan -> {})) {
            folder.writeSpec(variant, network.spec());
            ProgressListener progress =
                    listener.starts(
                            run,
                            new StudyListener.Start(
                                    ended.size() + 1,
                                    study.variants().size() * study.seeds().size(),
                                    opened.task().unit(),
                                    opened.task().description(),
                                    new TimeLeft(study, ended).seconds()));
            Trainer trainer = new Trainer(network, recipe, opened.task(), run.folder(), progress);
            trainer.stopAfter(epochs);
            setCurrent(trainer);
            return record(trainer, run, network.cost());
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
        } catch (DivergedException e) {
            return Optional.of(
                    RunRecord.of(
                            RunRecord.Outcome.DIVERGED,
                            files.readMetrics(),
                            0,
                            String.valueOf(e.getMessage()),
                            cost));
        }
    }

    /** Ends the runs of all but the best variants of a rung, and returns these. */
    private List<Variant> dropWorst(List<Variant> variants, Search.SuccessiveHalving halving) {
        Map<StudyRun, RunResult> now = new LinkedHashMap<>();
        runs(variants).forEach(run -> now.put(run, result(run, folder.dropped(run))));
        ended.forEach(result -> now.replace(result.run(), result));
        List<Variant> kept =
                StudyResult.of(study, List.copyOf(now.values())).ranked().stream()
                        .map(VariantResult::variant)
                        .limit(Rungs.kept(variants.size(), halving))
                        .toList();
        for (RunResult result : now.values()) {
            if (!kept.contains(result.run().variant()) && !ended.contains(result)) {
                end(result.run(), result.result());
            }
        }
        return kept;
    }

    private static RunResult result(StudyRun run, RunRecord record) {
        return new RunResult(run, record, StudyFolder.epochs(run));
    }

    private static int epochsDone(StudyRun run) {
        return StudyFolder.epochs(run).size();
    }

    private void write(StudyResult result) {
        new StudyOutput(result, backend.toString()).write(folder.path());
    }
}
