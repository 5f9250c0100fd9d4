package io.residuum.train.study;

import io.residuum.train.TrainingException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Trains runs in processes, several at once. */
final class RunProcesses {
    /** Receives the progress. Its methods are called by several threads, one at a time. */
    interface Events {
        /** Returns false if no further run is to start. */
        boolean starts(StudyRun run);

        /** Called when the process of a run has ended, for whatever reason. */
        void ended(StudyRun run, int exitCode);
    }

    private final int jobs;
    private final StudyRunner.Launcher launcher;
    private final Set<Process> running = ConcurrentHashMap.newKeySet();
    private volatile boolean stopping;

    RunProcesses(int jobs, StudyRunner.Launcher launcher) {
        this.jobs = jobs;
        this.launcher = launcher;
    }

    /** Ends all processes by SIGTERM, and starts no more. */
    void stop() {
        stopping = true;
        running.forEach(Process::destroy);
    }

    /** Trains runs and waits for them. The first failure stops the others. */
    void train(List<StudyRun> runs, int epochs, Events events) {
        ExecutorService pool = Executors.newFixedThreadPool(jobs);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (StudyRun run : runs) {
                all.add(pool.submit(() -> train(run, epochs, events)));
            }
            for (Future<?> one : all) {
                one.get();
            }
        } catch (ExecutionException e) {
            stop();
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            stop();
            Thread.currentThread().interrupt();
            throw new TrainingException("a study was interrupted; resume it", e);
        } finally {
            pool.shutdown();
        }
    }

    private void train(StudyRun run, int epochs, Events events) {
        synchronized (events) {
            if (stopping || !events.starts(run)) {
                return;
            }
        }
        try {
            Process process = launcher.start(run, epochs);
            running.add(process);
            if (stopping) {
                process.destroy();
            }
            int code = process.waitFor();
            running.remove(process);
            synchronized (events) {
                events.ended(run, code);
            }
        } catch (IOException e) {
            throw new TrainingException(
                    "the process of %s cannot be started: %s"
                            .formatted(run.label(), e.getMessage()),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
