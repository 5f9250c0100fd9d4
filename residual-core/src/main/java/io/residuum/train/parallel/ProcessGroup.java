package io.residuum.train.parallel;

import java.util.List;

/**
 * The processes that train copies of one network together, each on its share of the batches (data
 * parallelism). Every process makes the same calls in the same order, and each call waits for all
 * of them.
 */
public interface ProcessGroup {

    /** One process that trains alone. */
    ProcessGroup ALONE =
            new ProcessGroup() {
                @Override
                public int rank() {
                    return 0;
                }

                @Override
                public int size() {
                    return 1;
                }

                @Override
                public void sum(float[] values) {}

                @Override
                public List<byte[]> gather(byte[] value) {
                    return List.of(value);
                }
            };

    /**
     * {@return the number of this process, in [0, size)} Process 0 evaluates the network and writes
     * the files.
     */
    int rank();

    /** {@return the number of processes, positive} */
    int size();

    /**
     * Replaces values by their sums over all processes (all-reduce). The sums are the same in every
     * process, bit for bit.
     *
     * @param values as many values in each process
     */
    void sum(float[] values);

    /**
     * Exchanges a small value with all processes (all-gather).
     *
     * @param value the value of this process
     * @return the values of all, by rank
     */
    List<byte[]> gather(byte[] value);
}
