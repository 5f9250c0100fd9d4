package io.residuum.compile;

import io.residuum.graph.DimExpr;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The best cuts of a graph, so that training keeps little: what crosses a cut is kept, what lies
 * between two cuts is computed again for the backward pass (Chen et al. 2016, arXiv:1604.06174).
 * Instead of their rule of the square root, the cuts with the lowest peak are found, by bisection
 * of the peak and, for each, the cuts that keep least. Networks are then mostly cut between
 * residual units, where one array crosses, and closer together where images are large.
 */
final class CheckpointPlan {
    private static final int BISECTIONS = 24;

    private final double[] size;
    private final double[] held;
    private final int[] lastReader;
    private final boolean[] possible;

    private CheckpointPlan(List<Node> nodes) {
        int n = nodes.size();
        size = new double[n];
        held = new double[n];
        lastReader = new int[n];
        possible = new boolean[n];
        Map<Node, Integer> places = new IdentityHashMap<>();
        for (int i = 0; i < n; i++) {
            Node node = nodes.get(i);
            places.put(node, i);
            size[i] = bytes(node);
            held[i] = isView(node.operation()) ? 0 : size[i];
            for (Node in : node.inputs()) {
                Integer place = places.get(in);
                if (place != null) {
                    lastReader[place] = i;
                }
            }
        }
        int uncut = -1;
        for (int i = 0; i < n; i++) {
            // Programs find the batch in the first axis of what they are given.
            uncut = isOfBatch(nodes.get(i)) ? uncut : Math.max(uncut, lastReader[i]);
            possible[i] = i >= uncut || i == n - 1;
        }
    }

    private static double bytes(Node node) {
        return (double) node.shape().at(1).size() * node.type().getNumOfBytes();
    }

    private static boolean isView(Operation operation) {
        return operation instanceof Operation.Reshape
                || operation instanceof Operation.Transpose
                || operation instanceof Operation.Expand
                || operation instanceof Operation.Slice;
    }

    private static boolean isOfBatch(Node node) {
        return node.shape().dimension() > 0 && node.shape().get(0).equals(DimExpr.BATCH);
    }

    /**
     * Cuts a row of operations.
     *
     * @param nodes what is computed from inputs, each behind what it reads
     * @return the place behind the last node of each segment; the last is the number of nodes
     */
    static List<Integer> of(List<Node> nodes) {
        CheckpointPlan cuts = new CheckpointPlan(nodes);
        double high = 0;
        for (double bytes : cuts.held) {
            high += bytes;
        }
        List<Integer> best = List.of(nodes.size());
        double low = 0;
        for (int i = 0; i < BISECTIONS; i++) {
            double peak = (low + high) / 2;
            List<Integer> found = cuts.within(peak);
            if (found == null) {
                low = peak;
            } else {
                high = peak;
                best = found;
            }
        }
        return best;
    }

    /**
     * The cuts that keep least of those whose peak is no higher: at the peak, a segment's inside is
     * there, with what earlier segments have kept and the gradients of what the segment has.
     */
    private @Nullable List<Integer> within(double peak) {
        int n = size.length;
        double[] kept = new double[n + 1];
        int[] begin = new int[n + 1];
        for (int end = 1; end <= n; end++) {
            kept[end] = Double.POSITIVE_INFINITY;
            double inside = 0;
            double leaving = 0;
            for (int from = end - 1; from >= 0 && possible[end - 1]; from--) {
                inside += held[from];
                leaving += lastReader[from] >= end ? size[from] : 0;
                double sum = kept[from] + leaving;
                if (inside + leaving > peak) {
                    break;
                }
                if (sum + inside <= peak && sum < kept[end]) {
                    kept[end] = sum;
                    begin[end] = from;
                }
            }
        }
        if (Double.isInfinite(kept[n])) {
            return null;
        }
        Deque<Integer> ends = new ArrayDeque<>();
        for (int end = n; end > 0; end = begin[end]) {
            ends.addFirst(end);
        }
        return new ArrayList<>(ends);
    }
}
