package io.residuum.data;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Independent random streams, addressed by a path of numbers. Work can be done in any order on any
 * thread.
 */
public final class Seeds {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private Seeds() {}

    /**
     * {@return the stream of a path; always the same for the same numbers}
     *
     * @param seed the seed of all streams
     * @param path numbers below it, for example epoch and sample
     */
    public static SplittableRandom random(long seed, long... path) {
        long state = seed;
        for (long step : path) {
            // the step is added unmixed, so that (a, b) and (b, a) are different streams
            state = mix(state + GOLDEN_GAMMA) + step;
        }
        return new SplittableRandom(mix(state + GOLDEN_GAMMA));
    }

    /**
     * {@return the numbers 0 to n - 1, shuffled}
     *
     * @param n the number of items
     * @param random the random numbers
     */
    public static int[] permutation(int n, RandomGenerator random) {
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    /**
     * {@return true for the samples of a random part with equal shares of each class}
     *
     * @param labels the class of each sample
     * @param share the share of each class in the part
     * @param seed the seed; the same seed gives the same part
     */
    public static boolean[] stratified(int[] labels, double share, long seed) {
        int[] quota = new int[Arrays.stream(labels).max().orElse(0) + 1];
        Arrays.stream(labels).forEach(label -> quota[label]++);
        Arrays.setAll(quota, label -> (int) Math.round(share * quota[label]));
        boolean[] chosen = new boolean[labels.length];
        for (int index : permutation(labels.length, random(seed))) {
            chosen[index] = quota[labels[index]]-- > 0;
        }
        return chosen;
    }

    /**
     * {@return the fold of each sample, for cross-validation} The sizes of two folds differ by one
     * sample at most, and so do their numbers of samples of each class.
     *
     * @param labels the class of each sample
     * @param count the number of folds, 2 or more
     * @param seed the seed; the same seed gives the same folds
     */
    public static int[] folds(int[] labels, int count, long seed) {
        int[] order = permutation(labels.length, random(seed));
        int classes = Arrays.stream(labels).max().orElse(0) + 1;
        // Classes take turns one after the other.
        int[] fold = new int[labels.length];
        int next = 0;
        for (int label = 0; label < classes; label++) {
            for (int index : order) {
                if (labels[index] == label) {
                    fold[index] = next++ % count;
                }
            }
        }
        return fold;
    }

    /** Applies the finalizer of MurmurHash3 in Stafford's variant 13, as in SplitMix64. */
    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
