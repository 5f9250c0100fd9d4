package io.residuum.examples.cli;

import java.util.concurrent.CountDownLatch;

/**
 * Ends a piece of work in good order when the process is told to end, by Ctrl-C or a signal: asks
 * it to stop, and holds the process up until it has.
 */
final class StopSignal implements AutoCloseable {
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook;

    /**
     * Begins to listen.
     *
     * @param stop asks the work to stop; called in another thread
     */
    StopSignal(Runnable stop) {
        hook =
                new Thread(
                        () -> {
                            stop.run();
                            awaitEnd();
                        },
                        "stop");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void awaitEnd() {
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The work has ended, and has said all that it had to say. */
    @Override
    public void close() {
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending: the hook has been waiting for this.
        }
    }
}
