package io.residuum.engine;

import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Delays the end of the process until work on an engine has stopped.
 *
 * <p>On Ctrl-C, SIGTERM or {@code System.exit}, Java lets all threads run while the C library frees
 * what the engine uses. PyTorch then crashes. A guard asks the work to stop and lets the process
 * end as soon as the guard is closed. After that, {@link #close} does not return: the rest of the
 * program must not use the engine any more. Guards can be nested; then only the outermost one keeps
 * its thread.
 *
 * <pre>{@code
 * try (ExitGuard guard = new ExitGuard(() -> stopping = true)) {
 *     for (int i = 0; i < images.size() && !stopping; i++) {
 *         results.add(classifier.classify(images.get(i)));
 *     }
 * }
 * }</pre>
 */
public final class ExitGuard implements AutoCloseable {
    private static final int POLL_MILLIS = 50;
    private static final ThreadLocal<@Nullable ExitGuard> INNERMOST = new ThreadLocal<>();

    private final Runnable stop;
    private final Thread owner = Thread.currentThread();
    private final @Nullable ExitGuard outer = INNERMOST.get();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook = new Thread(this::stopAndWait, "exit-guard");

    /**
     * Opens a guard, to be closed in the same thread.
     *
     * @param stop asks the work to stop soon, such as by setting a flag; called at most once, from
     *     another thread, or from this one if the process is already ending
     */
    public ExitGuard(Runnable stop) {
        this.stop = stop;
        INNERMOST.set(this);
        try {
            Runtime.getRuntime().addShutdownHook(hook);
        } catch (IllegalStateException e) {
            stop.run(); // the process is ending
        }
    }

    private void stopAndWait() {
        stop.run();
        try {
            while (!ended.await(POLL_MILLIS, TimeUnit.MILLISECONDS) && !ownerExits()) {
                // wait for the work
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns true if the work itself called System.exit, which waits for this thread. */
    private boolean ownerExits() {
        return Arrays.stream(owner.getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals("java.lang.Shutdown"));
    }

    /** Lets the process end. If it is ending, the outermost guard of a thread never returns. */
    @Override
    public void close() {
        if (outer == null) {
            INNERMOST.remove();
        } else {
            INNERMOST.set(outer);
        }
        boolean ending = false;
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            ending = true;
        }
        ended.countDown();
        if (ending && outer == null) {
            awaitEnd();
        }
    }

    private static void awaitEnd() {
        while (true) {
            try {
                Thread.sleep(Long.MAX_VALUE);
            } catch (InterruptedException e) {
                // Nothing else is left to do in this thread.
            }
        }
    }
}
