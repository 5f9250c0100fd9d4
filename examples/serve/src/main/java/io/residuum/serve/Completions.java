package io.residuum.serve;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.residuum.transformer.generate.BatchObserver;
import io.residuum.transformer.generate.BatchOptions;
import io.residuum.transformer.generate.ContinuousBatching;
import io.residuum.transformer.generate.Generator;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;

/** The texts of all requests, generated as one running batch. */
final class Completions implements AutoCloseable {
    static final String TASK = "completions";

    private final Generator generator;
    private final Batching settings;
    private final ContinuousBatching texts;
    private volatile boolean closed;

    Completions(Generator generator, Batching settings, MeterRegistry metrics) {
        this.generator = generator;
        this.settings = settings;
        BatchOptions options =
                new BatchOptions(settings.size(), settings.positions(), settings.queue());
        this.texts = new ContinuousBatching(generator, options, observer(metrics));
    }

    private BatchObserver observer(MeterRegistry metrics) {
        TaskMetrics task = TaskMetrics.of(metrics, TASK, this::waiting);
        Counter read = tokens(metrics, "prompt");
        Counter generated = tokens(metrics, "generated");
        return new BatchObserver() {
            @Override
            public void joined(int promptTokens, Duration waited) {
                task.waited().record(waited);
                read.increment(promptTokens);
                // The pass over the prompt gives the first token.
                generated.increment();
            }

            @Override
            public void stepped(int running) {
                task.sizes().record(running);
                generated.increment(running);
            }
        };
    }

    private static Counter tokens(MeterRegistry metrics, String kind) {
        return Counter.builder("residuum.tokens")
                .description("Tokens read from prompts, and tokens computed for texts")
                .tag("kind", kind)
                .register(metrics);
    }

    private int waiting() {
        return texts.waiting();
    }

    Generator generator() {
        return generator;
    }

    /**
     * Starts a generation; its pieces and its end become events.
     *
     * @throws ApiException if the queue is full or the server stops
     */
    Generation start(List<int[]> prompts, Generator.Settings chosen) {
        Generation generation = new Generation(() -> closed);
        boolean rejects = settings.whenFull() == Batching.WhenFull.REJECT;
        try {
            texts.submit(prompts, chosen, generation, rejects ? Duration.ZERO : settings.timeout())
                    .whenComplete(generation::ended);
            return generation;
        } catch (RejectedExecutionException e) {
            throw closed ? Batcher.stopping() : ApiException.full(TASK, settings.queue());
        }
    }

    /** Ends the texts that run or wait: the requests had their time to finish. */
    @Override
    public void close() {
        closed = true;
        texts.close();
    }
}
