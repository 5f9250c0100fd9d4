package io.residuum.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.transformer.generate.Continuation;
import io.residuum.transformer.generate.Generator;
import io.residuum.transformer.generate.Sampling;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a server keeps does not grow with the number of requests. */
class BookkeepingTest {
    private static final int REQUESTS = 100_000;
    private static final int MIB = 1 << 20;
    private static final Batching WAIT =
            Batching.DEFAULT.withWhenFull(Batching.WhenFull.WAIT).withDelay(Duration.ZERO);

    private static long heap() throws InterruptedException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            Thread.sleep(20);
            Runtime runtime = Runtime.getRuntime();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }

    private static void submit(Batcher<byte[], byte[]> batcher, int count) {
        Deque<CompletableFuture<byte[]>> running = new ArrayDeque<>();
        for (int i = 0; i < count; i++) {
            running.add(batcher.submit(new byte[1000]));
            if (running.size() == WAIT.queue()) {
                running.remove().join();
            }
        }
        running.forEach(CompletableFuture::join);
    }

    @Test
    void samplesLeaveNothingBehind() throws InterruptedException {
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        try (Batcher<byte[], byte[]> batcher =
                new Batcher<>("test", WAIT, WAIT.size(), samples -> samples, metrics)) {
            submit(batcher, 5_000);
            long before = heap();
            int meters = metrics.getMeters().size();
            submit(batcher, REQUESTS);
            // 100 MB went through the queue.
            long grown = heap() - before;
            assertTrue(grown < 4 * MIB, "the heap has grown by " + grown + " bytes");
            assertEquals(meters, metrics.getMeters().size());
        }
        assertEquals(5_000 + REQUESTS, metrics.get("residuum.batch.size").summary().totalAmount());
    }

    @EachEngine
    void completionsLeaveNoArrayBehind(EngineChoice engine) {
        try (Network network = Fixtures.plays(engine)) {
            NDManager all = network.backend().manager();
            int before = all.getManagedArrays().size();
            try (Completions texts =
                    new Completions(
                            new Generator(network, Fixtures.LETTERS),
                            WAIT,
                            new SimpleMeterRegistry())) {
                // One text keeps the batch open, and with it all arrays that nobody closes.
                Generation first = texts.start(List.of(new int[] {1}), settings(1_000_000));
                complete(texts, 200);
                int during = all.getManagedArrays().size();
                assertTrue(during < before + 50, before + " arrays became " + during);
                first.stop();
            }
            assertEquals(before, all.getManagedArrays().size());
        }
    }

    @Test
    void closingEndsTexts() {
        try (Network network = Fixtures.plays(Engines.all().get(0))) {
            Completions texts =
                    new Completions(
                            new Generator(network, Fixtures.LETTERS),
                            WAIT,
                            new SimpleMeterRegistry());
            Generation first = texts.start(List.of(new int[] {1}), settings(1_000_000));
            assertTimeoutPreemptively(Duration.ofSeconds(20), texts::close);
            Generator.Batch batch = first.end(Duration.ofMinutes(1));
            assertEquals(Continuation.Reason.STOPPED, batch.continuations().get(0).reason());
        }
    }

    @Test
    void theTimeoutBeginsWithTheRequest() throws InterruptedException {
        Generation generation = new Generation(() -> false);
        Thread.sleep(300);
        long before = System.nanoTime();
        assertThrows(ApiException.class, () -> generation.end(Duration.ofMillis(300)));
        assertTrue(System.nanoTime() - before < 200_000_000, "a second timeout");
        assertTrue(generation.stopped());
    }

    private static Generator.Settings settings(int tokens) {
        return Generator.Settings.DEFAULT.with(Sampling.GREEDY, tokens);
    }

    /** Completes prompts of many lengths; every third client leaves. */
    private static void complete(Completions texts, int count) {
        Deque<Generation> running = new ArrayDeque<>();
        for (int i = 0; i < count; i++) {
            Generation generation =
                    texts.start(List.of(new int[1 + i * 5 % 60]), settings(1 + i % 7));
            running.add(generation);
            if (i % 3 == 0) {
                generation.stop();
            }
            if (running.size() == 8) {
                running.remove().end(Duration.ofMinutes(1));
            }
        }
        running.forEach(generation -> generation.end(Duration.ofMinutes(1)));
    }
}
