package io.residuum.transformer.branch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.nn.ForwardPass;

/** Chooses the experts with the largest logits; of equal ones the first. */
final class Routing {
    /** Three times this factor makes a difference of float32 numbers near 1 larger than 1. */
    private static final double LARGE = 3e4;

    private Routing() {}

    /**
     * {@return the indices of the k largest numbers of each row, largest first}
     *
     * @param values rows of {@code count} numbers
     * @param count the length of a row
     * @param k the number of indices
     */
    static int[][] largest(float[] values, int count, int k) {
        int[][] chosen = new int[values.length / count][k];
        for (int row = 0; row < chosen.length; row++) {
            for (int i = 0; i < k; i++) {
                chosen[row][i] = next(values, row * count, count, chosen[row], i);
            }
        }
        return chosen;
    }

    private static int next(float[] values, int from, int count, int[] taken, int takenCount) {
        int best = -1;
        for (int e = 0; e < count; e++) {
            boolean free = true;
            for (int i = 0; i < takenCount; i++) {
                free &= taken[i] != e;
            }
            if (free && (best < 0 || values[from + e] > values[from + best])) {
                best = e;
            }
        }
        return best;
    }

    /**
     * {@return 1 for the k largest logits of each row and 0 for the others, {@code (M, E)}}
     *
     * <p>Counts for each logit those before it in the order of size, without comparisons, which
     * programs lack.
     *
     * @param logits {@code (M, E)}
     * @param k the number of ones in each row
     */
    static NDArray mask(ForwardPass pass, NDArray logits, int k) {
        int count = Math.toIntExact(logits.getShape().get(1));
        Ops ops = pass.ops();
        NDArray differences = logits.expandDims(1).sub(logits.expandDims(2));
        NDArray first = pass.shared(new Earlier(count, logits.getDataType()));
        NDArray larger = sign(ops, differences).mul(ops.add(first.neg(), 1));
        NDArray notSmaller = first.sub(sign(ops, differences.neg()).mul(first));
        NDArray rank = larger.add(notSmaller).sum(new int[] {2});
        return ops.minimum(ops.add(rank.neg(), k).getNDArrayInternal().relu(), 1);
    }

    /**
     * {@return the scores of the best groups, and numbers below all scores in others, {@code (M,
     * E)}} The best groups have the largest sum of their two largest scores.
     *
     * @param scores {@code (M, E)}
     * @param groups the number of groups of neighbours
     * @param chosen the number of best groups
     */
    static NDArray inBestGroups(ForwardPass pass, NDArray scores, int groups, int chosen) {
        int count = Math.toIntExact(scores.getShape().get(1));
        int size = count / groups;
        Ops ops = pass.ops();
        NDArray apart = scores.reshape(-1, size);
        NDArray largest = apart.mul(mask(pass, apart, Math.min(2, size)));
        NDArray sums = largest.sum(new int[] {1}).reshape(-1, groups);
        NDArray open = mask(pass, sums, chosen).reshape(-1, 1);
        NDArray below = ops.mul(ops.add(open, -1), LARGE);
        return apart.mul(open).add(below).reshape(-1, count);
    }

    /** {@return 1 for positive numbers and 0 for others} */
    private static NDArray sign(Ops ops, NDArray x) {
        NDArray positive = x.getNDArrayInternal().relu();
        for (int i = 0; i < 3; i++) {
            positive = ops.minimum(ops.mul(positive, LARGE), LARGE);
        }
        return ops.minimum(positive, 1);
    }

    /** 1 where the second index is before the first, {@code (1, E, E)}. */
    private record Earlier(int count, DataType type) implements ForwardPass.Shared<NDArray> {
        @Override
        public NDArray make(ForwardPass pass) {
            float[] values = new float[count * count];
            for (int i = 0; i < values.length; i++) {
                values[i] = i % count < i / count ? 1 : 0;
            }
            return Values.create(pass.manager(), values, new Shape(1, count, count), type);
        }
    }
}
