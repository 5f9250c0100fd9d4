package io.residuum.examples.cli;

import java.util.concurrent.CountDownLatch;

/**
 * Stops work cleanly when the process gets Ctrl-C or a signal: asks the work to stop, and delays
 * the end of the process until the work has ended.
 */
final class StopSignal implements AutoCloseable {
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook;

    /**
     * Registers a shutdown hook.
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

    /** Lets the process end: the work has ended and has printed its results. */
    @Override
    public void close() {
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending, and the hook was waiting for this call.
        }
    }
}
