package io.residuum.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.DataType;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

class CheckpointSegmentTest {
    private static Node node(Operation operation, long width, Node... inputs) {
        return new Node(
                operation, List.of(inputs), Dims.of(DimExpr.BATCH, width), DataType.FLOAT32, "");
    }

    private static Node relu(Node in) {
        Operation relu = new Operation.Unary(Operation.Function.RELU, 0);
        return node(relu, in.shape().get(1).value(), in);
    }

    private static Node sum(Node a, Node b) {
        return node(new Operation.Binary(Operation.Arithmetic.ADD), a.shape().get(1).value(), a, b);
    }

    private static Graph graph(Node output) {
        List<LongFunction<float[]>> draws = List.of();
        return Graph.of(List.of(output), draws, Map.of());
    }

    /** Residual units of four operations each. */
    private static Graph units(int count) {
        Node x = node(new Leaf.Input("data"), 8);
        for (int i = 0; i < count; i++) {
            x = sum(x, relu(relu(relu(x))));
        }
        return graph(x);
    }

    @Test
    void cutsBetweenUnits() {
        Graph graph = units(16);
        List<CheckpointSegment> segments = CheckpointSegment.of(graph);
        int nodes = 0;
        for (CheckpointSegment segment : segments) {
            assertEquals(1, segment.graph().inputs().size(), "one array crosses");
            nodes += segment.graph().counts().values().stream().mapToInt(n -> n).sum();
        }
        assertEquals(64, nodes, "each operation once");
        // 4 s + kept is least with segments of few units: no less than the square root allows.
        assertTrue(segments.size() >= 4 && segments.size() <= 16, segments.size() + " segments");
        for (int i = 0; i + 1 < segments.size(); i++) {
            assertEquals(1, segments.get(i).writes().size());
            assertTrue(
                    segments.get(i + 1)
                            .graph()
                            .inputs()
                            .containsKey(segments.get(i).writes().get(0)));
        }
    }

    /** Units as of a network of images: fewer and fewer elements, with a wide inside. */
    private static List<Node> pyramid(List<Integer> ends) {
        List<Node> order = new ArrayList<>();
        Node x = node(new Leaf.Input("data"), 64);
        for (int width = 64; width >= 8; width /= 2) {
            for (int unit = 0; unit < 4; unit++) {
                Node wide = node(new Operation.Unary(Operation.Function.RELU, 0), 3L * width, x);
                Node narrow = node(new Operation.Unary(Operation.Function.RELU, 0), width, wide);
                Node last = narrow;
                if (x.shape().get(1).value() == width) {
                    last = sum(x, narrow);
                }
                for (Node made : List.of(wide, narrow, last)) {
                    if (!order.contains(made)) {
                        order.add(made);
                    }
                }
                ends.add(order.size());
                x = last;
            }
        }
        return order;
    }

    /** Counts the elements kept before a segment, returned by it, and computed inside. */
    private static long peak(List<Node> order, List<Integer> ends) {
        long kept = 0;
        long peak = 0;
        int from = 0;
        for (int end : ends) {
            List<Node> later = order.subList(end, order.size());
            long inside = 0;
            long leaving = 0;
            for (Node node : order.subList(from, end)) {
                long size = node.shape().get(1).value();
                inside += size;
                leaving +=
                        later.stream().anyMatch(reader -> reader.inputs().contains(node))
                                ? size
                                : 0;
            }
            peak = Math.max(peak, kept + leaving + inside);
            kept += leaving;
            from = end;
        }
        return peak;
    }

    @Test
    void keepsLessThanWithACutBehindEveryUnit() {
        List<Integer> ends = new ArrayList<>();
        List<Node> order = pyramid(ends);
        long ours = peak(order, CheckpointPlan.of(order, List.of()));
        long units = peak(order, ends);
        long whole = peak(order, List.of(order.size()));
        assertTrue(ours < units && units < whole, ours + ", " + units + ", " + whole);
    }

    @Test
    void whatManyReadCrossesOnce() {
        Node x = node(new Leaf.Input("data"), 8);
        Node mask = relu(relu(x));
        Node y = x;
        for (int i = 0; i < 16; i++) {
            y = sum(relu(relu(relu(y))), mask);
        }
        List<CheckpointSegment> segments = CheckpointSegment.of(graph(y));
        assertTrue(segments.size() > 2);
        List<String> written = new ArrayList<>();
        segments.forEach(s -> written.addAll(s.writes()));
        assertEquals(written.stream().distinct().toList(), written);
        assertEquals(List.of(), segments.get(segments.size() - 1).writes());
    }

    @Test
    void leavesWhatCannotBeCut() {
        Node x = node(new Leaf.Input("data"), 8);
        assertEquals(1, CheckpointSegment.of(graph(relu(x))).size());
        assertEquals(1, CheckpointSegment.of(graph(x)).size(), "nothing is computed");
        // The batch is not in the first axis of what would cross.
        Node folded = x;
        for (int i = 0; i < 8; i++) {
            folded =
                    new Node(
                            new Operation.Unary(Operation.Function.RELU, 0),
                            List.of(folded),
                            new Dims(List.of(DimExpr.of(8), DimExpr.BATCH)),
                            DataType.FLOAT32,
                            "");
        }
        assertEquals(1, CheckpointSegment.of(graph(folded)).size());
    }

    @Test
    void drawsOnceWhatManySegmentsRead() {
        Node weight = node(new Leaf.Weight("w"), 8);
        Node kept =
                new Node(
                        new Operation.Dropout(0.5),
                        List.of(weight),
                        weight.shape(),
                        weight.type(),
                        "");
        Node y = node(new Leaf.Input("data"), 8);
        for (int i = 0; i < 16; i++) {
            y = sum(relu(relu(relu(y))), kept);
        }
        List<CheckpointSegment> segments = CheckpointSegment.of(graph(y));
        assertTrue(segments.size() > 2);
        assertEquals(1, segments.stream().filter(CheckpointSegment::isRandom).count());
    }

    @Test
    void normsLearnOnce() {
        Node x = node(new Leaf.Input("data"), 8);
        List<Node> in = new ArrayList<>(List.of(x));
        for (String path : List.of("gamma", "beta", "mean", "variance")) {
            in.add(new Node(new Leaf.Weight(path), List.of(), Dims.of(8), DataType.FLOAT32, ""));
        }
        Node norm = new Node(new Operation.BatchNorm(1e-5, 0.1, true), in, x.shape(), x.type(), "");
        CheckpointSegment segment = CheckpointSegment.of(graph(norm)).get(0);
        assertFalse(segment.graph().toString().contains("momentum=0.0"), segment.toString());
        assertTrue(segment.forRecomputation().graph().toString().contains("momentum=0.0"));
        CheckpointSegment plain = CheckpointSegment.of(units(1)).get(0);
        assertEquals(plain, plain.forRecomputation());
    }
}
