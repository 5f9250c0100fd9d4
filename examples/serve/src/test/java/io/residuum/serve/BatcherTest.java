package io.residuum.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class BatcherTest {
    private final List<List<Integer>> batches = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch started = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);

    /** Squares numbers; the first batch waits until the test lets it go. */
    private List<Integer> squares(List<Integer> numbers) {
        batches.add(numbers);
        started.countDown();
        try {
            go.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        if (numbers.contains(13)) {
            throw new IllegalArgumentException("13");
        }
        return numbers.stream().map(n -> n * n).toList();
    }

    private Batcher<Integer, Integer> batcher(Batching settings) {
        Function<List<Integer>, List<Integer>> compute = this::squares;
        return new Batcher<>("test", settings, settings.size(), compute, new SimpleMeterRegistry());
    }

    private CompletableFuture<Integer> first(Batcher<Integer, Integer> batcher)
            throws InterruptedException {
        CompletableFuture<Integer> first = batcher.submit(1);
        started.await();
        return first;
    }

    private static Batching settings(int size, int queue) {
        return Batching.DEFAULT.withDelay(Duration.ZERO).withSize(size).withQueue(queue);
    }

    @Test
    void whatWaitsSharesABatch() throws InterruptedException {
        try (Batcher<Integer, Integer> batcher = batcher(settings(3, 10))) {
            CompletableFuture<Integer> first = first(batcher);
            List<CompletableFuture<Integer>> more =
                    List.of(2, 3, 4, 5).stream().map(batcher::submit).toList();
            go.countDown();
            assertEquals(1, first.join());
            assertEquals(
                    List.of(4, 9, 16, 25), more.stream().map(CompletableFuture::join).toList());
        }
        assertEquals(List.of(List.of(1), List.of(2, 3, 4), List.of(5)), batches);
    }

    @Test
    void aFullQueueRefuses() throws InterruptedException {
        try (Batcher<Integer, Integer> batcher = batcher(settings(3, 2))) {
            CompletableFuture<Integer> first = first(batcher);
            batcher.submit(2);
            // All or none: the first place of two is given back.
            ApiException full =
                    assertThrows(ApiException.class, () -> batcher.callAll(List.of(7, 8)));
            assertEquals(429, full.status());
            go.countDown();
            assertEquals(1, first.join());
        }
        assertEquals(List.of(List.of(1), List.of(2)), batches);
    }

    @Test
    void oneBadSampleFailsAlone() throws InterruptedException {
        try (Batcher<Integer, Integer> batcher = batcher(settings(3, 10))) {
            first(batcher);
            List<CompletableFuture<Integer>> more =
                    List.of(2, 13, 4).stream().map(batcher::submit).toList();
            go.countDown();
            assertEquals(4, more.get(0).join());
            assertThrows(CompletionException.class, () -> more.get(1).join());
            assertEquals(16, more.get(2).join());
        }
    }

    @Test
    void whatNobodyWaitsForIsNotComputed() throws InterruptedException {
        Batching hurry = settings(1, 10).withTimeout(Duration.ofMillis(1));
        try (Batcher<Integer, Integer> batcher = batcher(hurry)) {
            first(batcher);
            ApiException late = assertThrows(ApiException.class, () -> batcher.call(2));
            assertEquals(503, late.status());
            go.countDown();
        }
        assertEquals(List.of(List.of(1)), batches);
    }

    @Test
    void theTimeoutHoldsForAllSamplesOfARequest() {
        Batching hurry = settings(1, 10).withTimeout(Duration.ofMillis(250));
        Function<List<Integer>, List<Integer>> slow =
                samples -> {
                    try {
                        Thread.sleep(100);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return samples;
                };
        try (Batcher<Integer, Integer> batcher =
                new Batcher<>("test", hurry, 1, slow, new SimpleMeterRegistry())) {
            ApiException late =
                    assertThrows(ApiException.class, () -> batcher.callAll(List.of(1, 2, 3, 4)));
            assertEquals(503, late.status());
        }
    }

    @Test
    void aClosedOneRefusesAndFinishes() throws InterruptedException {
        Batcher<Integer, Integer> batcher = batcher(settings(1, 10));
        CompletableFuture<Integer> first = first(batcher);
        CompletableFuture<Integer> second = batcher.submit(2);
        go.countDown();
        batcher.close();
        assertTrue(first.isDone());
        assertEquals(4, second.join());
        assertEquals(503, assertThrows(ApiException.class, () -> batcher.submit(3)).status());
    }
}
