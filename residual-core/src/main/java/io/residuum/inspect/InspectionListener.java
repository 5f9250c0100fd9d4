package io.residuum.inspect;

/** A listener to the progress of an inspection. */
@FunctionalInterface
public interface InspectionListener {
    /** Ignores the progress. */
    InspectionListener NONE = (work, done, total) -> {};

    /**
     * Receives progress.
     *
     * @param work the name of the work
     * @param done the finished steps
     * @param total all steps
     */
    void progress(String work, long done, long total);
}
