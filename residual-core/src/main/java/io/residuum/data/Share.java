package io.residuum.data;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * A share of the batches of an epoch, for one of several processes: the batches {@code index, index
 * + count, ...}. The shares of all processes hold each batch once.
 *
 * @param index the number of the process, in [0, count)
 * @param count the number of processes, positive
 */
public record Share(int index, int count) {
    /** All batches. */
    public static final Share ALL = new Share(0, 1);

    public Share {
        checkArgument(
                index >= 0 && index < count,
                "a share must have an index in [0, %s), got %s",
                count,
                index);
    }

    /**
     * {@return the number of batches in this share}
     *
     * @param batches the number of batches in the epoch
     */
    public int size(int batches) {
        return (batches - index + count - 1) / count;
    }

    /**
     * {@return the index of a batch in the epoch}
     *
     * @param i its index in this share
     */
    public int batch(int i) {
        return index + i * count;
    }
}
