package io.residuum.examples.cli.bench;

import java.util.concurrent.locks.LockSupport;

/**
 * Estimates which part of a piece of work a thread spends in Java rather than inside the engine:
 * looks at its stack every half millisecond and counts what lies on top, a native method or not.
 */
final class JavaShare implements AutoCloseable {
    private static final long INTERVAL_NANOS = 500_000;

    private final Thread watched = Thread.currentThread();
    private final Thread sampler = new Thread(this::sample, "java-share");
    private volatile boolean ended;
    private volatile long samples;
    private volatile long inJava;

    /** Begins to watch the calling thread. */
    JavaShare() {
        sampler.setDaemon(true);
        sampler.start();
    }

    private void sample() {
        while (!ended) {
            LockSupport.parkNanos(INTERVAL_NANOS);
            StackTraceElement[] stack = watched.getStackTrace();
            if (stack.length > 0) {
                samples++;
                inJava += stack[0].isNativeMethod() ? 0 : 1;
            }
        }
    }

    /** The part in Java so far, in [0, 1]; NaN before the first look. */
    double value() {
        return samples == 0 ? Double.NaN : (double) inJava / samples;
    }

    @Override
    public void close() {
        ended = true;
        try {
            sampler.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
