package io.residuum.transformer.train;

import io.residuum.data.Prefetcher;
import io.residuum.data.Share;
import io.residuum.train.BatchSource;
import io.residuum.train.Recipe;
import io.residuum.train.TrainingBatch;

/**
 * A source of batches drawn from a text, with any number of batches per epoch.
 *
 * @param batches the number of batches per epoch
 * @param maker the function that creates a batch
 * @param prefetcher the prefetcher that creates batches in advance
 */
record WindowBatches(int batches, Maker maker, Prefetcher prefetcher) implements BatchSource {

    /** Creates a batch that depends only on its epoch and index. */
    interface Maker {
        TrainingBatch make(int epoch, int batch);
    }

    /**
     * Opens the source.
     *
     * @param tokens the length of the text; by default an epoch draws as many tokens
     * @param length the length of a window
     */
    static WindowBatches of(long tokens, int length, Recipe recipe, Maker maker) {
        Integer steps = recipe.stepsPerEpoch();
        long batches =
                steps != null
                        ? (long) steps * recipe.accumulate()
                        : Math.max(1, tokens / ((long) recipe.batch() * length));
        return new WindowBatches(
                Math.toIntExact(Math.min(batches, Integer.MAX_VALUE)), maker, new Prefetcher(1, 2));
    }

    @Override
    public Epoch epoch(int number) {
        return epoch(number, Share.ALL);
    }

    @Override
    public Epoch epoch(int number, Share share) {
        return Epoch.of(
                prefetcher.epoch(
                        number, share.size(batches), i -> maker.make(number, share.batch(i))),
                batch -> batch);
    }

    @Override
    public void close() {
        prefetcher.close();
    }
}
