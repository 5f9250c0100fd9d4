package io.residuum.data;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/** Prepares batches on background threads, a few in advance, and returns them in order. */
public final class Prefetcher implements AutoCloseable {
    private static final AtomicInteger PREFETCHERS = new AtomicInteger();

    private final int ahead;
    private final ExecutorService workers;

    /**
     * Starts the threads.
     *
     * @param threads the number of threads, positive
     * @param waiting the number of finished batches that may wait for the consumer, in addition to
     *     one in work per thread, positive
     */
    public Prefetcher(int threads, int waiting) {
        checkArgument(threads > 0, "the number of workers must be positive, got %s", threads);
        checkArgument(waiting > 0, "prefetch must be positive, got %s", waiting);
        ahead = threads + waiting;
        String name = "batch-loader-" + PREFETCHERS.incrementAndGet() + "-";
        AtomicInteger number = new AtomicInteger();
        workers =
                Executors.newFixedThreadPool(
                        threads,
                        task -> {
                            Thread thread = new Thread(task, name + number.incrementAndGet());
                            thread.setDaemon(true);
                            return thread;
                        });
    }

    /**
     * Begins an epoch and prepares its first batches.
     *
     * @param epoch the number of the epoch, for errors
     * @param count the number of batches
     * @param factory creates the batch of an index in [0, count), on any thread
     * @param <B> the type of a batch
     * @throws IllegalStateException if this is closed
     */
    public <B> Batches<B> epoch(long epoch, int count, IntFunction<B> factory) {
        checkState(!workers.isShutdown(), "an epoch needs an open loader, but this one is closed");
        return new Batches<>(this, epoch, count, factory);
    }

    /** Stops the threads and waits for them. Epochs still open end with an error. */
    @Override
    public void close() {
        // a task that never starts would leave its reader waiting
        for (Runnable waiting : workers.shutdownNow()) {
            ((Future<?>) waiting).cancel(false);
        }
        try {
            if (!workers.awaitTermination(30, TimeUnit.SECONDS)) {
                throw new DataException("a loader's thread has not stopped within 30 seconds");
            }
        } catch (InterruptedException e) {
            // the threads are daemons and stop soon, so leaving them is safe
            Thread.currentThread().interrupt();
        }
    }

    /**
     * The batches of one epoch, in order. For use by one thread.
     *
     * @param <B> the type of a batch
     */
    public static final class Batches<B> implements Iterator<B>, AutoCloseable {
        private final Prefetcher owner;
        private final long epoch;
        private final int count;
        private final IntFunction<B> factory;
        private final ArrayDeque<Future<B>> ahead = new ArrayDeque<>();
        private int submitted;
        private long waitedNanos;

        private Batches(Prefetcher owner, long epoch, int count, IntFunction<B> factory) {
            this.owner = owner;
            this.epoch = epoch;
            this.count = count;
            this.factory = factory;
            for (int i = 0; i < owner.ahead; i++) {
                submitNext();
            }
        }

        @Override
        public boolean hasNext() {
            return !ahead.isEmpty();
        }

        /**
         * Waits for the next batch.
         *
         * @throws DataException if it could not be loaded; the epoch is closed then
         * @throws IllegalStateException if the loader is closed
         */
        @Override
        public B next() {
            Future<B> first = ahead.peek();
            if (first == null) {
                throw new NoSuchElementException("the epoch has no more batches");
            }
            checkState(
                    !owner.workers.isShutdown(),
                    "batches need an open loader, but this one is closed");
            long start = System.nanoTime();
            try {
                B batch = first.get();
                ahead.remove();
                submitNext();
                return batch;
            } catch (ExecutionException e) {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                int at = submitted - ahead.size();
                close();
                throw new DataException(
                        String.format(
                                "batch %d of epoch %d could not be loaded: %s",
                                at, epoch, cause.getMessage()),
                        cause);
            } catch (CancellationException e) {
                close();
                throw new IllegalStateException(
                        "the loader was closed while a batch was awaited", e);
            } catch (InterruptedException e) {
                close();
                Thread.currentThread().interrupt();
                throw new DataException("interrupted while waiting for a batch", e);
            } finally {
                waitedNanos += System.nanoTime() - start;
            }
        }

        /** {@return the time that the consumer has waited in {@link #next}} */
        public Duration waited() {
            return Duration.ofNanos(waitedNanos);
        }

        /** Drops the batches that were not read. Then {@link #hasNext} is false. */
        @Override
        public void close() {
            ahead.forEach(batch -> batch.cancel(false));
            ahead.clear();
        }

        private void submitNext() {
            if (submitted < count) {
                int batch = submitted++;
                ahead.add(owner.workers.submit(() -> factory.apply(batch)));
            }
        }
    }
}
