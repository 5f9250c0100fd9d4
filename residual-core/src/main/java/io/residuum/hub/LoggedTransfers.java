package io.residuum.hub;

import org.slf4j.Logger;

/** Logs downloads. */
record LoggedTransfers(Logger log) implements TransferListener {
    @Override
    public void started(String file, long present, long size) {
        log.info("downloading {} ({} of {} bytes are here)", file, present, size);
    }

    @Override
    public void note(String line) {
        log.warn(line);
    }
}
