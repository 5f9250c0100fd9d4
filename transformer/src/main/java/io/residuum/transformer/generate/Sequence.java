package io.residuum.transformer.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A text in generation, whose tokens a sampler chooses one by one. */
final class Sequence {
    private final int index;
    private final Sampler sampler;
    private final TextStream stream;
    private final TextListener listener;
    private final List<Integer> chosen = new ArrayList<>();
    private Continuation.@Nullable Reason reason;

    Sequence(int index, int[] prompt, Sampler sampler, TextStream stream, TextListener listener) {
        this.index = index;
        this.sampler = sampler;
        this.stream = stream;
        this.listener = listener;
        for (int token : prompt) {
            sampler.markSeen(token);
        }
    }

    boolean isOpen() {
        return reason == null;
    }

    /**
     * Chooses the next token, unless the text has ended.
     *
     * @param logits the logits of all sequences
     * @param width the number of logits of a sequence
     * @param count the number of tokens to choose from
     */
    void choose(float[] logits, int width, int count) {
        if (reason != null) {
            return;
        }
        int token = sampler.next(logits, index * width, count);
        sampler.markSeen(token);
        chosen.add(token);
        if (sampler.rules().ends().contains(token)) {
            end(Continuation.Reason.END_TOKEN);
            return;
        }
        emit(stream.add(token));
        if (stream.stopped()) {
            reason = Continuation.Reason.STOP_TEXT;
        } else if (chosen.size() == sampler.rules().maxTokens()) {
            end(Continuation.Reason.MAX_TOKENS);
        }
    }

    void stop() {
        if (reason == null) {
            end(Continuation.Reason.STOPPED);
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

    int last() {
        return chosen.get(chosen.size() - 1);
    }

    Continuation continuation() {
        return new Continuation(stream.text(), chosen, Objects.requireNonNull(reason));
    }
}
