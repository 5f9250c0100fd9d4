package io.residuum.transformer.train;

import io.residuum.data.Prefetcher;
import io.residuum.train.BatchSource;
import io.residuum.train.Recipe;
import io.residuum.train.TrainingBatch;
import io.residuum.train.TrainingException;

/** Sources of batches drawn from a text, with any number of batches per epoch. */
final class WindowBatches {

    private WindowBatches() {}

    /** Creates a batch that depends only on its epoch and index. */
    interface Maker {
        TrainingBatch make(int epoch, int batch);
    }

    /**
     * Opens a source.
     *
     * @param tokens the length of the text; by default an epoch draws as many tokens
     * @param length the length of a window
     */
    static BatchSource open(long tokens, int length, Recipe recipe, Maker maker) {
        long ids = recipe.batch() * (length + 1L);
        if (ids > Integer.MAX_VALUE) {
            throw new TrainingException(
                    "a batch must have at most %d tokens, got %d windows of %d: set a smaller batch (--batch)"
                            .formatted(Integer.MAX_VALUE, recipe.batch(), length + 1));
        }
        Integer steps = recipe.stepsPerEpoch();
        long batches =
                steps != null
                        ? (long) steps * recipe.accumulate()
                        : Math.max(1, tokens / ((long) recipe.batch() * length));
        return BatchSource.prefetched(
                Math.toIntExact(Math.min(batches, Integer.MAX_VALUE)),
                new Prefetcher(1, 2),
                epoch -> batch -> maker.make(epoch, batch));
    }
}
