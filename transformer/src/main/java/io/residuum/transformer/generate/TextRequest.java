package io.residuum.transformer.generate;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** The texts of one call of {@link ContinuousBatching}. */
final class TextRequest implements TextListener {
    private final Generator generator;
    private final List<int[]> prompts;
    private final Generator.Settings settings;
    private final TextListener listener;
    private final CompletableFuture<Generator.Batch> result = new CompletableFuture<>();
    private final long start = System.nanoTime();
    private final List<Text> texts;
    private double promptSeconds;

    /**
     * A text of a request.
     *
     * @param request the request
     * @param sequence its tokens
     */
    record Text(TextRequest request, Sequence sequence) {

        /** Returns the number of positions that the text has at its end. */
        long positions() {
            long all = (long) sequence.prompt().length + request.settings.maxTokens();
            return Math.min(request.generator.limit(), all);
        }
    }

    TextRequest(
            Generator generator,
            List<int[]> prompts,
            Generator.Settings settings,
            TextListener listener) {
        this.generator = generator;
        this.prompts = List.copyOf(prompts);
        this.settings = settings;
        this.listener = listener;
        this.texts =
                IntStream.range(0, prompts.size())
                        .mapToObj(i -> generator.sequence(i, prompts.get(i), settings, this))
                        .map(sequence -> new Text(this, sequence))
                        .toList();
    }

    CompletableFuture<Generator.Batch> result() {
        return result;
    }

    List<Text> texts() {
        return texts;
    }

    Duration age() {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @Override
    public void text(int sequence, String piece) {
        listener.text(sequence, piece);
    }

    @Override
    public void token(int sequence, int token, LogProbs logProbs) {
        listener.token(sequence, token, logProbs);
    }

    /** Returns true if no caller wants the texts any more, also if one has failed. */
    @Override
    public boolean stopped() {
        try {
            return result.isDone() || listener.stopped();
        } catch (RuntimeException | Error e) {
            result.completeExceptionally(e);
            return true;
        }
    }

    boolean runsAlone() {
        return !generator.sharesBatches(settings);
    }

    void runAlone(BatchObserver observer) {
        try {
            prompts.forEach(prompt -> observer.joined(prompt.length, age()));
            result.complete(generator.generateFrom(prompts, settings, this, observer, start));
        } catch (RuntimeException | Error e) {
            result.completeExceptionally(e);
        }
    }

    /** Ends all texts. */
    void stop() {
        texts.forEach(text -> text.sequence.stop());
        completeIfEnded();
    }

    /** Records that a text has its first token. */
    void began() {
        promptSeconds = age().toNanos() / 1e9;
    }

    /** Completes the result if all texts have ended, or one has failed. */
    void completeIfEnded() {
        try {
            texts.forEach(text -> text.sequence.requireNoFailure());
            if (texts.stream().noneMatch(text -> text.sequence.isOpen())) {
                List<Continuation> all =
                        texts.stream().map(text -> text.sequence.continuation()).toList();
                result.complete(Generator.batch(all, prompts, promptSeconds, start));
            }
        } catch (RuntimeException | Error e) {
            result.completeExceptionally(e);
        }
    }
}
