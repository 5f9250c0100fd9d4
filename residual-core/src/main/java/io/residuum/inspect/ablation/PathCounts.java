package io.residuum.inspect.ablation;

import io.residuum.inspect.Unit;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The number of paths through units in series, by their length: the number of branches on them. A
 * unit with a shortcut doubles the paths, one without makes each longer. So the counts are the
 * coefficients of a product of 1 + z and z, exact for any depth.
 *
 * @param counts the number of paths by length, from 0
 */
record PathCounts(List<BigInteger> counts) {

    /** An interval of lengths, with the share of the whole that it holds. */
    record Interval(int from, int to, double share) {}

    PathCounts {
        counts = List.copyOf(counts);
    }

    /** Counts the paths through units. */
    static PathCounts of(List<Unit> units) {
        List<BigInteger> counts = List.of(BigInteger.ONE);
        for (Unit unit : units) {
            List<BigInteger> next = new ArrayList<>();
            for (int length = 0; length <= counts.size(); length++) {
                BigInteger through = length == 0 ? BigInteger.ZERO : counts.get(length - 1);
                boolean around = unit.hasShortcut() && length < counts.size();
                next.add(around ? through.add(counts.get(length)) : through);
            }
            counts = next;
        }
        return new PathCounts(counts);
    }

    /** Returns the number of all paths. */
    BigInteger total() {
        return counts.stream().reduce(BigInteger.ZERO, BigInteger::add);
    }

    /** Returns the share of all paths by length. */
    double[] shares() {
        return weighted(null);
    }

    /**
     * Returns the share by length of the paths' number times a weight.
     *
     * @param weights the weight of one path by length, not negative; null for 1
     */
    double[] weighted(double @Nullable [] weights) {
        // Counts of deep networks and weights of long paths leave the range of doubles.
        double[] logs = new double[counts.size()];
        double most = Double.NEGATIVE_INFINITY;
        for (int length = 0; length < logs.length; length++) {
            logs[length] =
                    log(counts.get(length)) + (weights == null ? 0 : Math.log(weights[length]));
            most = Math.max(most, logs[length]);
        }
        double sum = 0;
        double[] shares = new double[logs.length];
        for (int length = 0; length < logs.length; length++) {
            shares[length] = Math.exp(logs[length] - most);
            sum += shares[length];
        }
        for (int length = 0; length < logs.length; length++) {
            shares[length] /= sum;
        }
        return shares;
    }

    private static double log(BigInteger number) {
        int excess = Math.max(0, number.bitLength() - 1000);
        return Math.log(number.shiftRight(excess).doubleValue()) + excess * Math.log(2);
    }

    /** Returns the shortest interval of lengths that holds a share. */
    static Interval shortest(double[] shares, double share) {
        Interval best = new Interval(0, shares.length - 1, 1);
        for (int from = 0; from < shares.length; from++) {
            double sum = 0;
            for (int to = from; to < shares.length; to++) {
                sum += shares[to];
                if (sum >= share) {
                    int width = to - from - (best.to - best.from);
                    if (width < 0 || width == 0 && sum > best.share) {
                        best = new Interval(from, to, sum);
                    }
                    break;
                }
            }
        }
        return best;
    }

    /** Returns the share of an interval. */
    static double share(double[] shares, int from, int to) {
        double sum = 0;
        for (int length = from; length <= to; length++) {
            sum += shares[length];
        }
        return sum;
    }
}
