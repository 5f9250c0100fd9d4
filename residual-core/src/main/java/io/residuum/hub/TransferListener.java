package io.residuum.hub;

/** Receives the progress of downloads. */
public interface TransferListener {

    /** A listener that does nothing. */
    TransferListener NONE = new TransferListener() {};

    /**
     * Is called when bytes of a file begin to arrive, again after each interruption.
     *
     * @param file the remote file
     * @param present the number of bytes that are here already
     * @param size the length of the file; -1 if the server does not say
     */
    default void started(String file, long present, long size) {}

    /**
     * Is called after bytes arrived.
     *
     * @param present the number of bytes that are here now
     */
    default void progressed(long present) {}

    /** Called when a file is complete and verified, or its download has failed. */
    default void ended() {}

    /**
     * Called about retries, waiting and other events that the user should know.
     *
     * @param line one line
     */
    default void note(String line) {}
}
