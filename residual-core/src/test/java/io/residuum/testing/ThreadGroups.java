package io.residuum.testing;

import io.residuum.train.parallel.ProcessGroup;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * Groups of threads that train together, as processes do. One thread runs at a time, until it waits
 * for the others: engines record gradients for one thread of a process.
 */
public final class ThreadGroups {
    private ThreadGroups() {}

    /** Runs a function in each thread of a group, and returns the results by rank. */
    public static <T> List<T> run(int size, Function<ProcessGroup, T> body) {
        List<Object> places = new ArrayList<>(Collections.nCopies(size, new Object()));
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Lock turn = new ReentrantLock();
        CyclicBarrier barrier = new CyclicBarrier(size);
        ExecutorService threads = Executors.newFixedThreadPool(size);
        try {
            List<Future<T>> running = new ArrayList<>();
            for (int rank = 0; rank < size; rank++) {
                ProcessGroup group = new Member(rank, places, barrier, turn);
                running.add(
                        threads.submit(
                                () -> {
                                    turn.lock();
                                    try {
                                        return body.apply(group);
                                    } catch (RuntimeException | Error e) {
                                        failure.compareAndSet(null, e);
                                        barrier.reset(); // ends the waiting of the others
                                        throw e;
                                    } finally {
                                        turn.unlock();
                                    }
                                }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> each : running) {
                results.add(each.get());
            }
            return results;
        } catch (ExecutionException e) {
            throw failure.get() instanceof RuntimeException first
                    ? first
                    : new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } finally {
            threads.shutdownNow();
        }
    }

    private record Member(int rank, List<Object> places, CyclicBarrier barrier, Lock turn)
            implements ProcessGroup {
        @Override
        public int size() {
            return places.size();
        }

        @Override
        public void sum(float[] values) {
            List<float[]> all = exchange(values.clone());
            for (int i = 0; i < values.length; i++) {
                float sum = 0;
                for (float[] each : all) {
                    sum += each[i];
                }
                values[i] = sum;
            }
        }

        @Override
        public List<byte[]> gather(byte[] value) {
            return exchange(value);
        }

        @SuppressWarnings("unchecked")
        private <T> List<T> exchange(T value) {
            places.set(rank, value);
            await();
            List<T> all = (List<T>) List.copyOf(places);
            await();
            return all;
        }

        private void await() {
            turn.unlock();
            try {
                // A thread that failed before may never come.
                barrier.await(1, TimeUnit.MINUTES);
            } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
                throw new IllegalStateException("another thread of the group has failed", e);
            } finally {
                turn.lock();
            }
        }
    }
}
