package io.residuum.train.samples;

import io.residuum.data.Prefetcher;
import io.residuum.data.Seeds;
import io.residuum.train.BatchSource;
import io.residuum.train.Recipe;
import io.residuum.train.TrainingBatch;
import io.residuum.train.TrainingException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Batches of samples in a random order, a new one in each epoch. */
final class SampleBatches {
    private static final int THREADS = 2;
    private static final int WAITING = 2;

    private SampleBatches() {}

    static BatchSource open(Samples samples, SampleLayout layout, Recipe recipe) {
        int all = samples.size() / recipe.batch();
        if (all == 0) {
            throw new TrainingException(
                    "batch must be at most the number of training samples, %d, got %d: set a smaller one (--batch)"
                            .formatted(samples.size(), recipe.batch()));
        }
        int size = recipe.batch();
        return BatchSource.prefetched(
                recipe.batchesPerEpoch(all),
                newPrefetcher(),
                epoch -> {
                    long seed = recipe.seed();
                    int[] order = Seeds.permutation(samples.size(), Seeds.random(seed, epoch));
                    IntFunction<Sample> read =
                            i -> samples.augmented(order[i], Seeds.random(seed, epoch, order[i]));
                    return batch -> batch(read, layout, batch * size, size);
                });
    }

    /** Returns new threads that read samples in the background. */
    static Prefetcher newPrefetcher() {
        return new Prefetcher(THREADS, WAITING);
    }

    /** Returns a batch of samples that follow each other. */
    static TrainingBatch batch(
            IntFunction<Sample> samples, SampleLayout layout, int first, int count) {
        List<Sample> some = new ArrayList<>(count);
        for (int i = first; i < first + count; i++) {
            some.add(samples.apply(i));
        }
        return layout.batch(some);
    }
}
