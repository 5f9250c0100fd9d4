package io.residuum.train;

import io.residuum.data.Prefetcher;
import java.time.Duration;
import java.util.function.Function;

/** Where the batches of a training come from; made ahead in the background. */
public interface BatchSource extends AutoCloseable {

    /**
     * The number of batches in an epoch.
     *
     * @return the number, positive
     */
    int batches();

    /**
     * Begins an epoch. What it holds depends on the seed and its number alone.
     *
     * @param number of the epoch, counted from 1
     * @return its batches
     */
    Epoch epoch(int number);

    @Override
    void close();

    /** The batches of one epoch, in order. To be used by one thread. */
    interface Epoch extends AutoCloseable {

        /**
         * Waits for the next batch; there are as many as {@link BatchSource#batches} says.
         *
         * @return the batch, to be closed by the caller
         * @throws io.residuum.data.DataException if it could not be made
         */
        TrainingBatch next();

        /**
         * How long the caller has waited for batches.
         *
         * @return time in which training starved
         */
        Duration waited();

        /** Gives up the batches that are not read yet. */
        @Override
        void close();

        /**
         * Batches from background threads.
         *
         * @param batches the batches
         * @param view what training sees of one
         * @param <B> their type
         * @return an epoch that closes {@code batches}
         */
        static <B> Epoch of(Prefetcher.Batches<B> batches, Function<B, TrainingBatch> view) {
            return new Epoch() {
                @Override
                public TrainingBatch next() {
                    return view.apply(batches.next());
                }

                @Override
                public Duration waited() {
                    return batches.waited();
                }

                @Override
                public void close() {
                    batches.close();
                }
            };
        }
    }
}
