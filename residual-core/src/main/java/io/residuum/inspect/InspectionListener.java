package io.residuum.inspect;

/** A listener to the progress of an inspection. */
@FunctionalInterface
public interface InspectionListener {
    /** Ignores the progress. */
    InspectionListener NONE = (work, done, total) -> {};

    /**
     * Receives progress.
     *
     * @param work what is done
     * @param done what is finished
     * @param total what there is to do
     */
    void progress(String work, long done, long total);
}
