package io.residuum.transformer.generate;

import com.google.common.base.Throwables;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A text in generation, whose tokens a sampler chooses one by one. A failure ends this text only.
 */
final class Sequence {
    private final int index;
    private final int[] prompt;
    private final Sampler sampler;
    private final TextStream stream;
    private final TextListener listener;
    private final int most;
    private final List<Integer> chosen = new ArrayList<>();
    private final List<LogProbs> logProbs = new ArrayList<>();
    private Continuation.@Nullable Reason reason;
    private @Nullable Throwable failure;

    /**
     * Creates a text without tokens.
     *
     * @param index its index, for the listener
     * @param prompt the tokens that the model reads first
     * @param sampler chooses its tokens
     * @param stream decodes them
     * @param listener receives the text
     * @param most the number of most probable tokens to record at each token; -1 for no record
     */
    Sequence(
            int index,
            int[] prompt,
            Sampler sampler,
            TextStream stream,
            TextListener listener,
            int most) {
        this.index = index;
        this.prompt = prompt;
        this.sampler = sampler;
        this.stream = stream;
        this.listener = listener;
        this.most = most;
        for (int token : prompt) {
            sampler.markSeen(token);
        }
    }

    boolean isOpen() {
        return reason == null && failure == null;
    }

    /** Returns the tokens that the model reads first. */
    int[] prompt() {
        return prompt;
    }

    /**
     * Chooses the next token, unless the text has ended.
     *
     * @param logits the logits of all sequences
     * @param from the index of this sequence's first logit
     * @param width the number of its logits
     * @param count the number of tokens to choose from
     */
    void choose(float[] logits, int from, int width, int count) {
        if (isOpen()) {
            try {
                next(logits, from, width, count);
            } catch (RuntimeException | Error e) {
                failure = e;
            }
        }
    }

    private void next(float[] logits, int from, int width, int count) {
        int token = sampler.next(logits, from, count);
        if (most >= 0) {
            logProbs.add(LogProbs.of(logits, from, width, count, token, most));
        }
        sampler.markSeen(token);
        chosen.add(token);
        if (sampler.rules().ends().contains(token)) {
            end(Continuation.Reason.END_TOKEN);
            return;
        }
        if (most >= 0) {
            listener.token(index, token, logProbs.get(logProbs.size() - 1));
        }
        emit(stream.add(token));
        if (stream.stopped()) {
            reason = Continuation.Reason.STOP_TEXT;
        } else if (chosen.size() == sampler.rules().maxTokens()) {
            end(Continuation.Reason.MAX_TOKENS);
        }
    }

    void stop() {
        if (isOpen()) {
            try {
                end(Continuation.Reason.STOPPED);
            } catch (RuntimeException | Error e) {
                failure = e;
            }
        }
    }

    /** Ends the text if its listener wants it. */
    void stopIfAsked() {
        if (isOpen() && listener.stopped()) {
            stop();
        }
    }

    private void end(Continuation.Reason why) {
        emit(stream.rest());
        reason = stream.stopped() ? Continuation.Reason.STOP_TEXT : why;
    }

    private void emit(String piece) {
        if (!piece.isEmpty()) {
            listener.text(index, piece);
        }
    }

    /** Returns the last token of prompt and text. */
    int last() {
        return chosen.isEmpty() ? prompt[prompt.length - 1] : chosen.get(chosen.size() - 1);
    }

    /** Throws what {@link #choose} has failed with. */
    void requireNoFailure() {
        if (failure != null) {
            Throwables.throwIfUnchecked(failure);
        }
    }

    Continuation continuation() {
        requireNoFailure();
        return new Continuation(stream.text(), chosen, Objects.requireNonNull(reason), logProbs);
    }
}
