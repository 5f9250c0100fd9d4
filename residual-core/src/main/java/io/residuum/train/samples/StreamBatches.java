package io.residuum.train.samples;

import io.residuum.data.DataException;
import io.residuum.data.Prefetcher;
import io.residuum.train.BatchSource;
import io.residuum.train.Recipe;
import io.residuum.train.TrainingBatch;
import io.residuum.train.TrainingException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Batches of a stream. Without {@code stepsPerEpoch}, an epoch is one pass over the stream. With
 * it, an epoch continues where the one before ended, so that its position depends on its number
 * alone.
 */
final class StreamBatches implements BatchSource {
    private final SampleStream stream;
    private final SampleLayout layout;
    private final long seed;
    private final int size;
    private final int batches;
    private final boolean goesOn;
    // One thread: an iterator is read in order.
    private final Prefetcher prefetcher = new Prefetcher(1, 4);
    private @Nullable ShuffledPasses passes;

    StreamBatches(SampleStream stream, SampleLayout layout, Recipe recipe) {
        this.stream = stream;
        this.layout = layout;
        this.seed = recipe.seed();
        this.size = recipe.batch();
        Integer steps = recipe.stepsPerEpoch();
        this.goesOn = steps != null;
        this.batches =
                steps != null
                        ? steps * recipe.accumulate()
                        : Math.toIntExact(ShuffledPasses.count(stream) / size);
        if (batches == 0) {
            prefetcher.close();
            throw new TrainingException(
                    "batch must be at most the number of training samples, %d, got %d: set a smaller one (--batch)"
                            .formatted(ShuffledPasses.count(stream), size));
        }
    }

    @Override
    public int batches() {
        return batches;
    }

    @Override
    public Epoch epoch(int number) {
        ShuffledPasses from = at(number);
        return Epoch.of(prefetcher.epoch(number, batches, batch -> next(from)), batch -> batch);
    }

    /** Returns the samples of an epoch, continuing those of the epoch before if it ended. */
    private ShuffledPasses at(int epoch) {
        long perEpoch = (long) batches * size;
        ShuffledPasses open = passes;
        long position = (epoch - 1) * perEpoch;
        if (open != null && goesOn && open.position() == position) {
            return open;
        }
        closePasses();
        ShuffledPasses next = new ShuffledPasses(stream, seed);
        passes = next;
        if (goesOn) {
            next.skip(position);
        } else {
            next.skipPasses(epoch - 1L);
        }
        return next;
    }

    private TrainingBatch next(ShuffledPasses from) {
        List<Sample> some = new ArrayList<>(size);
        long first = from.position();
        for (int i = 0; i < size; i++) {
            some.add(from.next());
        }
        try {
            return layout.batch(some);
        } catch (DataException e) {
            throw new DataException(
                    "samples %d to %d of the stream: %s"
                            .formatted(first, first + size - 1, e.getMessage()),
                    e);
        }
    }

    private void closePasses() {
        ShuffledPasses open = passes;
        passes = null;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void close() {
        prefetcher.close();
        closePasses();
    }
}
