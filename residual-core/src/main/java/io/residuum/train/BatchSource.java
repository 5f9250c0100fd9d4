package io.residuum.train;

import io.residuum.data.Prefetcher;
import io.residuum.data.Share;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.IntFunction;

/** A source of training batches, which background threads prepare. */
public interface BatchSource extends AutoCloseable {

    /** {@return the number of batches in an epoch, positive} */
    int batches();

    /**
     * Begins an epoch. Its batches depend only on the seed and its number.
     *
     * @param number the number of the epoch, counted from 1
     */
    Epoch epoch(int number);

    /**
     * Begins an epoch of one of several processes.
     *
     * @param number the number of the epoch, counted from 1
     * @param share the batches of this process
     * @return these batches, in order. Default: prepares all batches and drops the others
     */
    default Epoch epoch(int number, Share share) {
        Epoch all = epoch(number);
        return share.count() == 1 ? all : Epoch.of(all, share);
    }

    @Override
    void close();

    /**
     * {@return a source whose batches a prefetcher creates, each alone, on its threads}
     *
     * @param batches the number of batches in an epoch, positive
     * @param prefetcher the threads; closing the source closes them
     * @param epochs returns for an epoch the function from the index of a batch to the batch
     */
    static BatchSource prefetched(
            int batches, Prefetcher prefetcher, IntFunction<IntFunction<TrainingBatch>> epochs) {
        return new BatchSource() {
            @Override
            public int batches() {
                return batches;
            }

            @Override
            public Epoch epoch(int number) {
                return epoch(number, Share.ALL);
            }

            @Override
            public Epoch epoch(int number, Share share) {
                IntFunction<TrainingBatch> epoch = epochs.apply(number);
                return Epoch.of(
                        prefetcher.epoch(
                                number, share.size(batches), i -> epoch.apply(share.batch(i))),
                        batch -> batch);
            }

            @Override
            public void close() {
                prefetcher.close();
            }
        };
    }

    /** The batches of one epoch, in order. For use by one thread. */
    interface Epoch extends AutoCloseable {

        /**
         * Waits for the next batch. May be called {@link BatchSource#batches} times, or once for
         * each batch of a share.
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
         * {@return the batches of one process in an epoch that must be read in order}
         *
         * @param all the batches of all processes, which closing closes
         * @param share the batches of the process
         */
        static Epoch of(Epoch all, Share share) {
            return new Epoch() {
                private int read;
                private int returned;

                @Override
                public TrainingBatch next() {
                    int wanted = share.batch(returned++);
                    for (; read < wanted; read++) {
                        all.next().close();
                    }
                    read++;
                    return all.next();
                }

                @Override
                public Duration waited() {
                    return all.waited();
                }

                @Override
                public void close() {
                    all.close();
                }
            };
        }

        /**
         * {@return an epoch of batches from background threads, which closes {@code batches}}
         *
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
