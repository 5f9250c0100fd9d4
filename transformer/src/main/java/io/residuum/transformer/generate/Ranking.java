package io.residuum.transformer.generate;

/**
 * Iterates over indices by descending weight; equal weights in ascending order of index. It uses a
 * heap, because sampling needs only the first few of a vocabulary of 50,000 tokens.
 */
final class Ranking {
    private final double[] weights;
    private final int[] heap;
    private int size;

    Ranking(double[] weights) {
        this.weights = weights;
        this.heap = new int[weights.length];
        this.size = heap.length;
        for (int i = 0; i < size; i++) {
            heap[i] = i;
        }
        for (int i = size / 2 - 1; i >= 0; i--) {
            sink(i);
        }
    }

    boolean hasNext() {
        return size > 0;
    }

    int next() {
        int first = heap[0];
        heap[0] = heap[--size];
        sink(0);
        return first;
    }

    private void sink(int from) {
        int at = from;
        int child = 2 * at + 1;
        while (child < size) {
            if (child + 1 < size && before(heap[child + 1], heap[child])) {
                child++;
            }
            if (!before(heap[child], heap[at])) {
                return;
            }
            int lower = heap[at];
            heap[at] = heap[child];
            heap[child] = lower;
            at = child;
            child = 2 * at + 1;
        }
    }

    private boolean before(int a, int b) {
        return weights[a] > weights[b] || (weights[a] == weights[b] && a < b);
    }
}
