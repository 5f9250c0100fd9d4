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
 * The best cuts of a graph for activation checkpointing (Chen et al. 2016, arXiv:1604.06174).
 * Arrays that cross a cut are kept; operations between two cuts are recomputed for the backward
 * pass. Instead of the paper's square-root rule, a bisection finds the cuts with the lowest memory
 * peak, and among them those that keep least. Networks are then mostly cut between residual units,
 * where one array crosses, and more often where images are large.
 */
final class CheckpointPlan {
    private static final int BISECTIONS = 24;

    private final double[] size;
    private final double[] held;
    private final int[] lastReader;
    private final boolean[] mayEnd;

    private CheckpointPlan(List<Node> nodes, List<Node> outputs) {
        int n = nodes.size();
        size = new double[n];
        held = new double[n];
        lastReader = new int[n];
        mayEnd = new boolean[n];
        Map<Node, Integer> indices = new IdentityHashMap<>();
        for (int i = 0; i < n; i++) {
            Node node = nodes.get(i);
            indices.put(node, i);
            size[i] = bytes(node);
            held[i] = isView(node.operation()) ? 0 : size[i];
            for (Node in : node.inputs()) {
                Integer index = indices.get(in);
                if (index != null) {
                    lastReader[index] = i;
                }
            }
        }
        for (Node output : outputs) {
            Integer index = indices.get(output);
            if (index != null) {
                lastReader[index] = n - 1;
            }
        }
        int lastUncut = -1;
        for (int i = 0; i < n; i++) {
            // Programs read the batch size from the first axis of their inputs.
            lastUncut = isOfBatch(nodes.get(i)) ? lastUncut : Math.max(lastUncut, lastReader[i]);
            mayEnd[i] = i >= lastUncut || i == n - 1;
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
     * Cuts a sequence of operations.
     *
     * @param nodes the nodes that depend on inputs, each after its inputs
     * @param outputs the nodes that are kept to the end
     * @return the end of each segment, exclusive; the last is the number of nodes
     */
    static List<Integer> of(List<Node> nodes, List<Node> outputs) {
        CheckpointPlan cuts = new CheckpointPlan(nodes, outputs);
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
     * Returns the cuts that keep least and stay within a peak; null if there are none. At the peak,
     * memory holds a segment's inside, what earlier segments kept, and the gradients of what leaves
     * the segment.
     */
    private @Nullable List<Integer> within(double peak) {
        int n = size.length;
        double[] kept = new double[n + 1];
        int[] begin = new int[n + 1];
        for (int end = 1; end <= n; end++) {
            kept[end] = Double.POSITIVE_INFINITY;
            double inside = 0;
            double leaving = 0;
            for (int from = end - 1; from >= 0 && mayEnd[end - 1]; from--) {
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
