package io.residuum.serve;

import io.residuum.transformer.generate.Generator;
import io.residuum.transformer.generate.LogProbs;
import io.residuum.transformer.generate.TextListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The texts of one request while they are generated. The computing thread never waits for the
 * client: pieces wait in a queue for the thread of the request.
 */
final class Generation implements TextListener {

    /** A message to the thread of a request. */
    sealed interface Event {}

    /** A token with its log-probability. */
    record Token(int id, LogProbs logProbs) {}

    /** A piece of a text, with the tokens since the piece before if a request records them. */
    record Piece(int index, String text, List<Token> tokens) implements Event {}

    /** The end of all texts, with the tokens after the last piece of each. */
    record End(Generator.Batch batch, Map<Integer, List<Token>> rest) implements Event {}

    /** A failure. */
    record Failed(RuntimeException reason) implements Event {}

    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final BooleanSupplier closed;
    private final long arrived = System.nanoTime();

    /** The tokens since the last piece of each text. Used by the computing thread alone. */
    private final Map<Integer, List<Token>> tokens = new HashMap<>();

    private volatile boolean stopped;

    /**
     * Creates a generation that begins now.
     *
     * @param closed returns true if the server has closed
     */
    Generation(BooleanSupplier closed) {
        this.closed = closed;
    }

    @Override
    public void text(int sequence, String piece) {
        List<Token> found = tokens.remove(sequence);
        events.add(new Piece(sequence, piece, found == null ? List.of() : found));
    }

    @Override
    public void token(int sequence, int token, LogProbs logProbs) {
        tokens.computeIfAbsent(sequence, s -> new ArrayList<>()).add(new Token(token, logProbs));
    }

    @Override
    public boolean stopped() {
        return stopped || closed.getAsBoolean();
    }

    /** Ends the texts soon, because the client is gone. */
    void stop() {
        stopped = true;
    }

    /** Reports the end: all texts, or a failure. */
    void ended(Generator.@Nullable Batch batch, @Nullable Throwable error) {
        if (batch != null) {
            events.add(new End(batch, tokens));
        } else {
            events.add(
                    new Failed(
                            error instanceof RuntimeException e
                                    ? e
                                    : new IllegalStateException(error)));
        }
    }

    /**
     * Waits for the next event.
     *
     * @throws ApiException if it does not come in time; the texts then end
     */
    Event next(Duration timeout) {
        return next(timeout, System.nanoTime() + timeout.toNanos());
    }

    private Event next(Duration timeout, long end) {
        try {
            Event event = events.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (event == null) {
                stop();
                throw Batcher.timeout(timeout);
            }
            return event;
        } catch (InterruptedException e) {
            stop();
            Thread.currentThread().interrupt();
            throw Batcher.stopping();
        }
    }

    /** Waits for the end of all texts, for some time after their arrival. */
    Generator.Batch end(Duration timeout) {
        long end = arrived + timeout.toNanos();
        while (true) {
            Event event = next(timeout, end);
            if (event instanceof End last) {
                return last.batch();
            }
            if (event instanceof Failed failed) {
                throw failed.reason();
            }
        }
    }
}
