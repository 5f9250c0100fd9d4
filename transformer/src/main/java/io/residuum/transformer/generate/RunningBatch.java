package io.residuum.transformer.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Texts in generation that a model reads as one batch. Texts join between two tokens. Those that
 * have ended leave when others join, or when they are half of the batch, since the others are
 * copied then.
 */
final class RunningBatch implements AutoCloseable {
    private final ContextWindow window;
    private final int width;
    private final int vocabulary;
    private final List<Sequence> rows;
    private final BatchObserver observer;

    /**
     * Creates a batch.
     *
     * @param window the prompts of the texts
     * @param texts the texts, none of which has a token
     * @param width the number of logits of a text
     * @param vocabulary the number of tokens to choose from
     * @param observer receives the steps
     */
    RunningBatch(
            ContextWindow window,
            List<Sequence> texts,
            int width,
            int vocabulary,
            BatchObserver observer) {
        this.window = window;
        this.width = width;
        this.vocabulary = vocabulary;
        this.rows = new ArrayList<>(texts);
        this.observer = observer;
    }

    /** Reads the prompts and chooses the first token of each text. */
    void begin() {
        choose(window.logits());
    }

    /** Reads the prompt of a further text and chooses its first token. */
    void add(Sequence text) {
        leave();
        float[] logits = window.add(text.prompt());
        rows.add(text);
        text.choose(logits, 0, width, vocabulary);
    }

    /** Chooses the next token of each text. */
    void step() {
        rows.forEach(Sequence::stopIfAsked);
        int open = (int) rows.stream().filter(Sequence::isOpen).count();
        if (open == 0) {
            return;
        }
        if (2 * open <= rows.size()) {
            leave();
        }
        window.append(rows.stream().mapToInt(Sequence::last).toArray());
        choose(window.logits());
        observer.stepped(open);
    }

    private void choose(float[] logits) {
        for (int i = 0; i < rows.size(); i++) {
            rows.get(i).choose(logits, i * width, width, vocabulary);
        }
    }

    private void leave() {
        if (window.joins() && !rows.stream().allMatch(Sequence::isOpen)) {
            window.select(
                    IntStream.range(0, rows.size()).filter(i -> rows.get(i).isOpen()).toArray());
            rows.removeIf(text -> !text.isOpen());
        }
    }

    @Override
    public void close() {
        window.close();
    }
}
