package io.residuum.transformer.train;

import io.residuum.data.Prefetcher;
import io.residuum.train.BatchSource;
import io.residuum.train.Recipe;
import io.residuum.train.TrainingBatch;

/**
 * Batches that are drawn from a text, any number an epoch.
 *
 * @param batches in an epoch
 * @param maker makes one
 * @param prefetcher makes them ahead
 */
record WindowFeed(int batches, Maker maker, Prefetcher prefetcher) implements BatchSource {

    /** Makes a batch from where it is in the training alone. */
    interface Maker {
        TrainingBatch make(int epoch, int batch);
    }

    /**
     * Opens the feed.
     *
     * @param tokens of the text; an epoch draws as many where the recipe does not say
     * @param length of a window
     */
    static WindowFeed of(long tokens, int length, Recipe recipe, Maker maker) {
        Integer steps = recipe.stepsPerEpoch();
        long batches =
                steps != null
                        ? (long) steps * recipe.accumulate()
                        : Math.max(1, tokens / ((long) recipe.batch() * length));
        return new WindowFeed(
                Math.toIntExact(Math.min(batches, Integer.MAX_VALUE)), maker, new Prefetcher(1, 2));
    }

    @Override
    public Epoch epoch(int number) {
        return Epoch.of(
                prefetcher.epoch(number, batches, batch -> maker.make(number, batch)),
                batch -> batch);
    }

    @Override
    public void close() {
        prefetcher.close();
    }
}
