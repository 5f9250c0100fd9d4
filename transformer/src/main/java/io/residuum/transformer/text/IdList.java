package io.residuum.transformer.text;

import java.util.Arrays;

/** A growing list of token ids. */
final class IdList {
    private int[] ids = new int[1 << 10];
    private int size;

    void add(int[] more) {
        int needed = Math.addExact(size, more.length);
        if (needed > ids.length) {
            ids =
                    Arrays.copyOf(
                            ids,
                            Math.max(
                                    needed,
                                    (int) Math.min(Integer.MAX_VALUE - 8L, 2L * ids.length)));
        }
        System.arraycopy(more, 0, ids, size, more.length);
        size = needed;
    }

    int[] toArray() {
        return Arrays.copyOf(ids, size);
    }
}
