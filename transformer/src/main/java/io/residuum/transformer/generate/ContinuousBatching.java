package io.residuum.transformer.generate;

import io.residuum.spec.SpecException;
import io.residuum.transformer.generate.TextRequest.Text;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Generates texts of many callers in one running batch (continuous batching; Yu et al. 2022, "Orca:
 * A Distributed Serving System for Transformer-Based Generative Models"). Texts join and leave
 * between two tokens. Each has its own settings and listener, and becomes what it would become
 * alone. Safe for use by several threads.
 *
 * <pre>{@code
 * try (ContinuousBatching texts = new ContinuousBatching(generator, BatchOptions.DEFAULT)) {
 *     Continuation text = texts.generate("To be", settings); // from any thread
 * }
 * }</pre>
 *
 * <p>Texts join in the order of their arrival. Between two tokens of the running texts the model
 * reads one prompt, or several short ones. Beam searches, models with an encoder, models with
 * LongRoPE, models that normalize queries and keys after their rotation and texts without a cache
 * wait until the batch is empty and run alone.
 */
public final class ContinuousBatching implements AutoCloseable {
    /** The tokens of prompts after which running texts get their next token. */
    private static final int READ = 256;

    private final Generator generator;
    private final BatchOptions options;
    private final BatchObserver observer;
    private final TextQueue queue;
    private final List<Text> running = new ArrayList<>();
    private final Thread worker;
    private @Nullable RunningBatch batch;

    /**
     * Starts the thread that computes.
     *
     * @param generator the generator; the caller closes its network after this
     * @param options the limits
     */
    public ContinuousBatching(Generator generator, BatchOptions options) {
        this(generator, options, BatchObserver.NONE);
    }

    /**
     * Starts the thread that computes.
     *
     * @param generator the generator; the caller closes its network after this
     * @param options the limits
     * @param observer receives what happens
     */
    public ContinuousBatching(Generator generator, BatchOptions options, BatchObserver observer) {
        this.generator = generator;
        this.options = options;
        this.observer = observer;
        this.queue = new TextQueue(options.waiting());
        this.worker = new Thread(this::run, "residuum-generation");
        worker.setDaemon(true);
        worker.start();
    }

    /**
     * Continues a text, and waits for it.
     *
     * @param prompt the text to continue
     * @param settings the settings of this text
     * @throws SpecException as in {@link Generator#generate(String, Generator.Settings)}
     * @throws RejectedExecutionException if too many texts wait, or this is closed
     */
    public Continuation generate(String prompt, Generator.Settings settings) {
        return generate(List.of(prompt), settings, TextListener.NONE).continuations().get(0);
    }

    /**
     * Continues texts, and waits for them.
     *
     * @param prompts the texts to continue, at least one
     * @param settings the settings of these texts
     * @param listener receives these texts, as in {@link #submit}
     * @return the generated texts, and the time since this call
     * @throws SpecException as in {@link Generator#generate(List, Generator.Settings,
     *     TextListener)}
     * @throws RejectedExecutionException if too many texts wait, or this is closed
     */
    public Generator.Batch generate(
            List<String> prompts, Generator.Settings settings, TextListener listener) {
        List<int[]> tokens = prompts.stream().map(generator::encode).toList();
        try {
            return submit(tokens, settings, listener, Duration.ZERO).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /**
     * Adds texts to the queue.
     *
     * @param prompts the tokens of each prompt, at least one
     * @param settings the settings of these texts
     * @param listener receives these texts while they are generated, in the computing thread, so it
     *     must not wait. Its {@code stopped} ends these texts only
     * @param wait the longest time to wait for a place in the queue
     * @return the generated texts; cancel it to end them
     * @throws SpecException if there is no prompt, or one is empty or longer than the model's
     *     context
     * @throws RejectedExecutionException if too many texts wait, or this is closed
     */
    public CompletableFuture<Generator.Batch> submit(
            List<int[]> prompts,
            Generator.Settings settings,
            TextListener listener,
            Duration wait) {
        generator.requireReadable(prompts, settings);
        TextRequest request = new TextRequest(generator, prompts, settings, listener);
        queue.add(request, wait);
        return request.result();
    }

    /** {@return the number of texts that wait} */
    public int waiting() {
        return queue.size();
    }

    private void run() {
        try {
            while (!running.isEmpty() || queue.await()) {
                try {
                    admit();
                    step();
                } catch (RuntimeException | Error e) {
                    // The cache may lack tokens of all texts.
                    fail(e);
                }
                if (running.isEmpty()) {
                    end();
                }
            }
        } finally {
            end();
        }
    }

    /** Lets texts join as long as there is room, and running ones do not wait for too long. */
    private void admit() {
        for (int read = 0; read < READ; ) {
            Text text = queue.peek();
            if (text == null) {
                return;
            }
            TextRequest request = text.request();
            if (request.stopped()) {
                queue.remove(request.texts());
                request.stop();
            } else if (request.runsAlone()) {
                if (running.isEmpty()) {
                    queue.remove(request.texts());
                    request.runAlone(observer);
                }
                return;
            } else if (hasRoom(text)) {
                queue.remove(List.of(text));
                // Whatever fails from here on fails the texts that run, this one included.
                running.add(text);
                int prompt = text.sequence().prompt().length;
                observer.joined(prompt, request.age());
                batch = batch == null ? generator.running(observer) : batch;
                batch.add(text.sequence());
                read += prompt;
                request.began();
                leave();
            } else {
                return;
            }
        }
    }

    private boolean hasRoom(Text text) {
        long longest = text.positions();
        for (Text other : running) {
            longest = Math.max(longest, other.positions());
        }
        return running.isEmpty()
                || (running.size() < options.texts()
                        && (running.size() + 1) * longest <= options.positions());
    }

    private void step() {
        if (batch != null && !running.isEmpty()) {
            batch.step();
            leave();
        }
    }

    /** Completes the calls whose texts have ended. */
    private void leave() {
        List<Text> ended = running.stream().filter(text -> !text.sequence().isOpen()).toList();
        running.removeAll(ended);
        ended.forEach(text -> text.request().completeIfEnded());
    }

    private void fail(Throwable reason) {
        running.forEach(text -> text.request().result().completeExceptionally(reason));
        running.clear();
    }

    private void end() {
        if (batch != null) {
            batch.close();
            batch = null;
        }
    }

    /** Refuses more texts, finishes those that run or wait, and ends the thread. */
    @Override
    public void close() {
        queue.close();
        try {
            worker.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
