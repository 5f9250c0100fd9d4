package io.residuum.train.study;

import io.residuum.train.ProgressListener;
import java.util.OptionalDouble;

/** Receives the progress of a study. */
public interface StudyListener {

    /** Ignores everything. */
    StudyListener NONE = new StudyListener() {};

    /**
     * Called before a run starts or continues.
     *
     * @param run the run
     * @param start what is known about it
     * @return receives the progress of the run. Default: ignores it
     */
    default ProgressListener starts(StudyRun run, Start start) {
        return ProgressListener.NONE;
    }

    /**
     * Called when a run has ended, except if it was asked to stop.
     *
     * @param run the run
     */
    default void ended(RunResult run) {}

    /**
     * What is known when a run starts.
     *
     * @param number the number of the run, counted from 1
     * @param runs the number of all runs
     * @param unit the unit that the data counts, a plural noun: images, tokens, texts
     * @param data one line about the data
     * @param secondsLeft the estimated time to the end of the study with this run; empty if no run
     *     has ended
     */
    record Start(int number, int runs, String unit, String data, OptionalDouble secondsLeft) {}
}
