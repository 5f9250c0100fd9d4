package io.residuum.serve;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Collects samples of several requests into one forward pass. One thread computes; the queue before
 * it is bounded.
 *
 * @param <T> a sample
 * @param <R> its result
 */
final class Batcher<T, R> implements AutoCloseable {
    private static final long POLL_MILLIS = 100;

    private final String task;
    private final Batching settings;
    private final int size;
    private final Function<List<T>, List<R>> compute;
    private final BlockingQueue<Job<T, R>> queue;
    private final TaskMetrics measured;
    private final Thread worker;
    private volatile boolean closed;

    private record Job<T, R>(T sample, CompletableFuture<R> result, long arrived) {}

    /**
     * Starts the thread.
     *
     * @param task the name in metrics and messages
     * @param size the largest number of samples in a call of {@code compute}
     * @param compute returns one result for each sample
     */
    Batcher(
            String task,
            Batching settings,
            int size,
            Function<List<T>, List<R>> compute,
            MeterRegistry metrics) {
        this.task = task;
        this.settings = settings;
        this.size = size;
        this.compute = compute;
        this.queue = new ArrayBlockingQueue<>(settings.queue());
        this.measured = TaskMetrics.of(metrics, task, queue::size);
        this.worker = new Thread(this::run, "serve-" + task);
        worker.start();
    }

    /**
     * Puts a sample into the queue.
     *
     * @throws ApiException if the queue is full or the server stops
     */
    CompletableFuture<R> submit(T sample) {
        return submit(sample, System.nanoTime() + settings.timeout().toNanos());
    }

    private CompletableFuture<R> submit(T sample, long end) {
        Job<T, R> job = new Job<>(sample, new CompletableFuture<>(), System.nanoTime());
        if (closed) {
            throw stopping();
        }
        if (!offer(job, end)) {
            throw ApiException.full(task, settings.queue());
        }
        if (closed) {
            // The thread may have ended before it saw this job.
            job.result.cancel(false);
        }
        return job.result;
    }

    private boolean offer(Job<T, R> job, long end) {
        try {
            return settings.whenFull() == Batching.WhenFull.REJECT
                    ? queue.offer(job)
                    : queue.offer(job, end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw stopping();
        }
    }

    static ApiException stopping() {
        return ApiException.of(ApiException.UNAVAILABLE, "stopping", "the server is stopping");
    }

    static ApiException timeout(Duration after) {
        return ApiException.of(
                ApiException.UNAVAILABLE,
                "timeout",
                "a result must be there after %s s, and is not: ask for less, or retry later",
                after.toMillis() / 1000.0);
    }

    /** Computes the result of one sample. */
    R call(T sample) {
        return callAll(List.of(sample)).get(0);
    }

    /** Computes the results of several samples; none is computed if one does not get a place. */
    List<R> callAll(List<T> samples) {
        long end = System.nanoTime() + settings.timeout().toNanos();
        List<CompletableFuture<R>> results = new ArrayList<>();
        try {
            samples.forEach(sample -> results.add(submit(sample, end)));
            return results.stream().map(result -> await(result, end)).toList();
        } catch (RuntimeException e) {
            results.forEach(result -> result.cancel(false));
            throw e;
        }
    }

    private R await(CompletableFuture<R> result, long end) {
        try {
            return result.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            result.cancel(false);
            throw timeout(settings.timeout());
        } catch (CancellationException e) {
            throw stopping();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw stopping();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private void run() {
        try {
            while (!closed || !queue.isEmpty()) {
                Job<T, R> first = queue.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
                if (first != null) {
                    compute(collect(first));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            queue.forEach(job -> job.result.cancel(false));
        }
    }

    private List<Job<T, R>> collect(Job<T, R> first) throws InterruptedException {
        List<Job<T, R>> jobs = new ArrayList<>();
        jobs.add(first);
        long end = first.arrived + settings.delay().toNanos();
        while (jobs.size() < size) {
            Job<T, R> next = queue.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (next == null) {
                break;
            }
            jobs.add(next);
        }
        // A client that no longer waits needs no forward pass.
        jobs.removeIf(job -> job.result.isDone());
        return jobs;
    }

    private void compute(List<Job<T, R>> jobs) {
        if (jobs.isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        jobs.forEach(job -> measured.waited().record(now - job.arrived, TimeUnit.NANOSECONDS));
        measured.sizes().record(jobs.size());
        try {
            List<R> results = compute.apply(jobs.stream().map(Job::sample).toList());
            for (int i = 0; i < jobs.size(); i++) {
                jobs.get(i).result.complete(results.get(i));
            }
        } catch (RuntimeException | Error e) {
            if (jobs.size() == 1) {
                jobs.get(0).result.completeExceptionally(e);
            } else {
                // One sample must not fail the requests of others.
                jobs.forEach(job -> compute(List.of(job)));
            }
        }
    }

    /** Computes what waits already, and ends the thread. */
    @Override
    public void close() {
        closed = true;
        try {
            worker.join();
        } catch (InterruptedException e) {
            worker.interrupt();
            Thread.currentThread().interrupt();
        }
    }
}
