package io.residuum.examples.cli.bench;

import java.util.concurrent.locks.LockSupport;

/**
 * Estimates the share of time that a thread spends in Java instead of the engine. Samples its stack
 * every half millisecond and counts how often a Java method is on top, not a native one.
 */
final class JavaShare implements AutoCloseable {
    private static final long INTERVAL_NANOS = 500_000;

    private final Thread watched = Thread.currentThread();
    private final Thread sampler = new Thread(this::sample, "java-share");
    private volatile boolean ended;
    private volatile long samples;
    private volatile long inJava;

    /** Starts to sample the calling thread. */
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

    /** {@return the share of Java so far, in [0, 1]; NaN before the first sample} */
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
