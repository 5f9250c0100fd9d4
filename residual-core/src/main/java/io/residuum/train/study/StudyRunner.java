package io.residuum.train.study;

import io.residuum.engine.Backend;
import io.residuum.engine.ExitGuard;
import io.residuum.files.FolderLock;
import io.residuum.train.TrainingException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Runs a study: trains each variant with each seed in its own run folder, and writes tables, curves
 * and a report after each run. A run whose loss is not finite is a result. A study that was stopped
 * or killed and then resumed ends with the same numbers as an uninterrupted one.
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

    /**
     * Starts processes that train a run each, so that several train at once. Threads of one process
     * cannot: they would share the engine's random numbers and its pool of threads.
     */
    @FunctionalInterface
    public interface Launcher {

        /**
         * Starts a process that calls {@link #trainRun} and ends.
         *
         * @param epochs the number of epochs after which the process stops
         * @throws IOException if it cannot be started
         */
        Process start(StudyRun run, int epochs) throws IOException;
    }

    private final Study study;
    private final StudyData data;
    private final Backend backend;
    private final StudyFolder folder;
    private final StudyListener listener;
    private final RunTrainer trainer;
    private final List<RunResult> ended = new ArrayList<>();
    private @Nullable RunProcesses processes;
    private int jobs = 1;
    private int started;
    private volatile boolean stopping;

    /**
     * Prepares a study, without writing anything.
     *
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
        this.trainer = new RunTrainer(data, backend, this.folder, listener);
    }

    /**
     * Trains several runs at once, each in a process.
     *
     * @param number the number of processes. Default: none, and this process trains
     * @param launcher starts them
     */
    public void useProcesses(int number, Launcher launcher) {
        jobs = number;
        processes = new RunProcesses(number, launcher);
    }

    /** Requests a stop after the current step. May be called from any thread. */
    public void requestStop() {
        stopping = true;
        trainer.requestStop();
        if (processes != null) {
            processes.stop();
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

    /**
     * Trains one run of a study that another process runs, see {@link Launcher}.
     *
     * @param run a run of {@link #runs}
     * @param epochs the number of epochs after which it stops
     */
    public void trainRun(StudyRun run, int epochs) {
        trainer.train(run, epochs);
    }

    /**
     * Measures the cost of each variant by a few updates, without writing anything.
     *
     * @return the costs, in the order of the study
     */
    public List<Estimate> estimate() {
        return study.variants().stream().map(v -> Estimate.of(v, data, backend)).toList();
    }

    /**
     * {@return the time of all runs in seconds}
     *
     * @param estimates the result of {@link #estimate}
     */
    public double seconds(List<Estimate> estimates) {
        double runs = estimates.stream().mapToDouble(Estimate::seconds).sum();
        return runs * study.seeds().size() * study.trainedShare() / jobs;
    }

    /** {@return all runs, seed by seed, so that variants can be compared early} */
    public List<StudyRun> runs() {
        return runs(study.variants());
    }

    private List<StudyRun> runs(List<Variant> variants) {
        List<StudyRun> runs = new ArrayList<>();
        for (long seed : study.seeds()) {
            for (Variant variant : variants) {
                runs.add(new StudyRun(variant, seed, folder.run(variant, seed)));
            }
        }
        return runs;
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
        for (int epochs : study.rungs()) {
            List<StudyRun> open = runs(left).stream().filter(run -> !reaches(epochs, run)).toList();
            if (processes == null) {
                open.forEach(run -> trainHere(epochs, run));
            } else {
                trainInProcesses(processes, epochs, open);
            }
            if (stopping) {
                return;
            }
            if (study.search() instanceof Search.SuccessiveHalving halving
                    && epochs < Integer.MAX_VALUE) {
                left = dropWorst(left, epochs, halving);
            }
        }
    }

    /** Returns true if a run needs no training up to an epoch; reads its result if it has one. */
    private boolean reaches(int epochs, StudyRun run) {
        if (ended.stream().anyMatch(e -> e.run().equals(run))) {
            return true;
        }
        Optional<RunRecord> known = RunRecord.read(run.folder());
        known.ifPresent(record -> ended.add(result(run, record)));
        return known.isPresent() || StudyFolder.epochs(run).size() >= epochs;
    }

    private void trainHere(int epochs, StudyRun run) {
        if (!stopping) {
            starts(run);
            trainer.train(run, epochs).ifPresent(record -> end(run, record));
        }
    }

    private void trainInProcesses(RunProcesses pool, int epochs, List<StudyRun> runs) {
        pool.train(
                runs,
                epochs,
                new RunProcesses.Events() {
                    @Override
                    public boolean starts(StudyRun run) {
                        if (!stopping) {
                            StudyRunner.this.starts(run);
                        }
                        return !stopping;
                    }

                    @Override
                    public void ended(StudyRun run, int exitCode) {
                        Optional<RunRecord> record = RunRecord.read(run.folder());
                        record.ifPresent(r -> end(run, r));
                        if (record.isEmpty()
                                && !stopping
                                && StudyFolder.epochs(run).size() < epochs) {
                            throw new TrainingException(
                                    "the process of %s must train to its end, but ended with code %d; see %s"
                                            .formatted(run.label(), exitCode, run.log()));
                        }
                    }
                });
    }

    private void starts(StudyRun run) {
        int all = study.variants().size() * study.seeds().size();
        started = Math.max(started, ended.size()) + 1;
        listener.starts(
                run, Math.min(all, started), all, StudyResult.of(study, ended).secondsLeft(jobs));
    }

    private void end(StudyRun run, RunRecord record) {
        RunResult result = result(run, record);
        ended.add(result);
        write(StudyResult.of(study, ended));
        listener.ended(result);
    }

    /** Ends the runs of all but the best variants of a rung, and returns these. */
    private List<Variant> dropWorst(
            List<Variant> variants, int epochs, Search.SuccessiveHalving halving) {
        // In a resumed study, runs may be past this rung, so that only its epochs are compared.
        Map<StudyRun, RunResult> now = new LinkedHashMap<>();
        runs(variants).forEach(run -> now.put(run, result(run, folder.dropped(run, epochs))));
        ended.stream()
                .filter(result -> result.result().epochs() < epochs)
                .forEach(result -> now.replace(result.run(), result));
        Set<StudyRun> closed = ended.stream().map(RunResult::run).collect(Collectors.toSet());
        StudyResult rung = StudyResult.of(study, List.copyOf(now.values()));
        if (rung.ranking().part().equals("train") && rung.best().isPresent()) {
            throw new TrainingException(
                    "successive halving needs the validation %s, but the data has no validation part: set validation of the recipe to a share such as 0.1"
                            .formatted(rung.ranking().measure()));
        }
        List<Variant> kept =
                rung.ranked().stream()
                        .map(VariantResult::variant)
                        .limit(halving.kept(variants.size()))
                        .toList();
        for (RunResult result : now.values()) {
            if (!kept.contains(result.run().variant()) && !closed.contains(result.run())) {
                result.result().write(result.run().folder());
                end(result.run(), result.result());
            }
        }
        return kept;
    }

    private static RunResult result(StudyRun run, RunRecord record) {
        return new RunResult(run, record, StudyFolder.epochs(run));
    }

    private void write(StudyResult result) {
        new StudyOutput(result, backend.toString()).write(folder.path());
    }
}
