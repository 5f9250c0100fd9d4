package io.residuum.train.study;

import io.residuum.train.ProgressListener;
import io.residuum.train.Task;
import java.util.OptionalDouble;

/** Receives the progress of a study. Only one method is called at a time. */
public interface StudyListener {

    /** Ignores everything. */
    StudyListener NONE = new StudyListener() {};

    /**
     * Called before a run starts or continues.
     *
     * @param number the number of the run, counted from 1
     * @param runs the number of all runs
     * @param secondsLeft the estimated time to the end of the study with this run; empty if no run
     *     has finished
     */
    default void starts(StudyRun run, int number, int runs, OptionalDouble secondsLeft) {}

    /**
     * Called when the data of a run are open, unless another process trains it.
     *
     * @return receives the progress of the run. Default: ignores it
     */
    default ProgressListener trains(StudyRun run, Task task) {
        return ProgressListener.NONE;
    }

    /** Called when a run has ended, except if it was asked to stop. */
    default void ended(RunResult run) {}
}
