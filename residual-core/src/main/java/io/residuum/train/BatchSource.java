package io.residuum.train;

import io.residuum.data.Prefetcher;
import java.time.Duration;
import java.util.function.Function;

/** A source of training batches, which background threads prepare. */
public interface BatchSource extends AutoCloseable {

    /** {@return the number of batches in an epoch, positive} */
    int batches();

    /**
     * Begins an epoch. Its batches depend only on the seed and its number.
     *
     * @param number the number of the epoch, counted from 1
     * @return its batches
     */
    Epoch epoch(int number);

    @Override
    void close();

    /** The batches of one epoch, in order. For use by one thread. */
    interface Epoch extends AutoCloseable {

        /**
         * Waits for the next batch. May be called {@link BatchSource#batches} times.
         *
         * @return the batch, to be closed by the caller
         * @throws io.residuum.data.DataException if it could not be prepared
         */
        TrainingBatch next();

        /** {@return the time that the caller has waited for batches} */
        Duration waited();

        /** Drops the batches that were not read. */
        @Override
        void close();

        /**
         * {@return an epoch of batches from background threads, which closes {@code batches}}
         *
         * @param batches the batches
         * @param view converts one of them to a training batch
         * @param <B> the type of the batches
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
