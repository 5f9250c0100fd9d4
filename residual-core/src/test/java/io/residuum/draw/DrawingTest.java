package io.residuum.draw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.DataType;
import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.trace.Capture;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DrawingTest {

    /** Every kind of shortcut and merge, units in units, a branch with a gate of its own. */
    private static final String ODD =
            """
            {"format": "residuum/1", "name": "odd", "input": {"type": "image", "shape": [3, 8, 8]},
             "network": [
              {"type": "conv2d", "name": "stem", "filters": 4, "kernel": 3, "padding": 1},
              {"type": "residual", "name": "dense", "before": {"norm": "batch"}, "merge": "concat",
               "branch": [{"type": "conv2d", "name": "conv", "filters": 4, "kernel": 1}]},
              {"type": "residual", "name": "gated", "merge": "gate",
               "branch": [{"type": "conv2d", "name": "conv", "filters": 8, "kernel": 1}]},
              {"type": "residual", "name": "padded", "shortcut": "zeroPad",
               "branch": [{"type": "conv2d", "name": "conv", "filters": 12, "kernel": 1}]},
              {"type": "residual", "name": "outer", "shortcut": "projection", "branch": [
                {"type": "residual", "name": "inner",
                 "branch": [{"type": "conv2d", "name": "conv", "filters": 12, "kernel": 1},
                            {"type": "squeezeExcitation", "name": "se", "reduction": 4}]},
                {"type": "residual", "name": "down", "shortcut": "projection", "tap": "before",
                 "before": {"norm": "batch", "activation": "relu"},
                 "branch": [{"type": "conv2d", "name": "conv", "filters": 16, "kernel": 1}]}]},
              {"type": "globalAveragePool", "name": "mean"},
              {"type": "linear", "name": "fc", "units": 10}]}
            """;

    /** A unit on two streams, and an average over depth. */
    private static final String STREAMS =
            """
            {"format": "residuum/1", "name": "streams",
             "input": {"type": "image", "shape": [4, 8, 8]},
             "network": [
              {"type": "stream", "name": "body", "streams": 2, "layers": [
               {"type": "save", "as": "x0"},
               {"type": "residual", "name": "unit",
                "read": {"type": "streams", "streams": 2, "weights": "sigmoid"},
                "branch": [{"type": "conv2d", "name": "conv", "filters": 4, "kernel": 1}],
                "shortcut": {"type": "streams", "weights": {"type": "sinkhorn", "iterations": 2}},
                "merge": {"type": "write", "weights": "tanh"}},
               {"type": "average", "name": "depth", "of": "x0"}]},
              {"type": "globalAveragePool", "name": "mean"}]}
            """;

    private static final String SMALL =
            """
            {"format": "residuum/1", "name": "a \\"b\\"",
             "input": {"type": "image", "shape": [4, 8, 8]},
             "network": [
              {"type": "residual", "name": "one", "after": {"activation": "relu"},
               "branch": [{"type": "conv2d", "name": "conv", "filters": 4, "kernel": 1}]},
              {"type": "globalAveragePool", "name": "mean"}]}
            """;

    static Graph graph(String json) {
        ModelSpec spec = SpecJson.standard().parse(json, "test.json", ModelSpec.class);
        Capture.Source data =
                new Capture.Source(Capture.DATA, spec.input().batchShape(), DataType.FLOAT32);
        return Capture.of(spec.newBlock(), List.of(data), false);
    }

    @ParameterizedTest
    @EnumSource(Level.class)
    void everyOperationIsInOneBoxAndArrowsLeadDown(Level level) {
        assertDrawn(graph(ODD), level);
        assertDrawn(graph(STREAMS), level);
    }

    private static void assertDrawn(Graph graph, Level level) {
        Diagram diagram = Diagram.of(graph, level);
        Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        diagram.boxes().forEach(b -> b.nodes().forEach(n -> assertTrue(seen.add(n), b.path())));
        for (Node node : graph.nodes()) {
            boolean drawn = !node.operation().isLeaf() || graph.inputs().containsValue(node);
            assertEquals(drawn, seen.contains(node), node.toString());
        }
        for (Edge link : diagram.links()) {
            assertTrue(link.from().id() < link.to().id(), link.from() + " to " + link.to());
        }
        int operations = graph.counts().values().stream().mapToInt(n -> n).sum();
        int boxes = diagram.boxes().size();
        // The input and the output are boxes too.
        assertTrue(level == Level.OPERATION ? boxes == operations + 2 : boxes < operations);
    }

    @ParameterizedTest
    @EnumSource(names = {"BLOCK", "LAYER", "OPERATION"})
    void shortcutsAreTold(Level level) {
        Set<String> found = new TreeSet<>();
        for (Edge link : Diagram.of(graph(ODD), level).links()) {
            if (link.isShortcut() && link.to().kind() == Box.Kind.MERGE) {
                found.add(link.to().path() + " " + link.shortcut());
            }
        }
        assertEquals(
                Set.of(
                        "dense identity",
                        "gated identity",
                        "padded zero-padding",
                        "outer projection",
                        "outer.branch.inner identity",
                        "outer.branch.down projection"),
                found);
    }

    @Test
    void shortcutsMixStreams() {
        List<String> found =
                Diagram.of(graph(STREAMS), Level.BLOCK).links().stream()
                        .filter(link -> link.isShortcut() && link.to().kind() == Box.Kind.MERGE)
                        .map(link -> link.to().path() + " " + link.shortcut())
                        .distinct()
                        .toList();
        assertEquals(List.of("body.unit mixing"), found);
    }

    @Test
    void blocksAreBranchesShortcutsAndMerges() {
        String boxes =
                Diagram.of(graph(ODD), Level.BLOCK).boxes().stream()
                        .map(b -> b.path() + ":" + b.title())
                        .collect(Collectors.joining(" "));
        assertEquals(
                "data:data stem:stem dense:branch dense:concat gated:branch gated:gate gated:gate"
                    + " padded:branch padded:zero-padding padded:+ outer.branch.inner:branch"
                    + " outer.branch.inner:+ outer.branch.down:before outer.branch.down:branch"
                    + " outer.branch.down:projection outer.branch.down:+ outer:projection outer:+"
                    + " mean:mean fc:fc output:output",
                boxes);
    }

    @Test
    void tappedShortcutLeavesBehindTheNorm() {
        Diagram diagram = Diagram.of(graph(ODD), Level.BLOCK);
        List<String> readers = new ArrayList<>();
        for (Edge link : diagram.links()) {
            if (link.from().title().equals("before")) {
                readers.add(link.to().title() + " " + link.isShortcut());
            }
        }
        assertEquals(Set.of("branch false", "projection true"), Set.copyOf(readers));
    }

    @Test
    void boxesHaveTheKindOfTheirMainLayer() {
        String kinds =
                Diagram.of(graph(ODD), Level.LAYER).boxes().stream()
                        .map(b -> b.title() + ":" + b.kind().label())
                        .filter(b -> b.matches("(data|stem|conv|before.norm|mean|fc|output):.*"))
                        .distinct()
                        .collect(Collectors.joining(" "));
        assertEquals(
                "data:input stem:convolution before.norm:norm mean:pooling fc:linear"
                        + " output:output",
                kinds);
    }

    @Test
    void outputsAreNamed() {
        String heads =
                """
                {"format": "residuum/1", "name": "heads",
                 "input": {"type": "image", "shape": [4, 8, 8]},
                 "network": {"type": "graph", "outputs": ["value", "policy"], "layers": [
                  {"type": "conv2d", "name": "policy", "filters": 2, "kernel": 1},
                  {"type": "globalAveragePool", "name": "value"}]}}
                """;
        for (Level level : Level.values()) {
            Diagram diagram = Diagram.of(graph(heads), level).folded();
            String outputs =
                    diagram.links().stream()
                            .filter(l -> l.to().kind() == Box.Kind.OUTPUT)
                            .map(l -> l.from().path() + ">" + l.to().path() + l.shape())
                            .collect(Collectors.joining(" "));
            assertEquals("value>value(N, 2) policy>policy(N, 2, 8, 8)", outputs);
        }
    }

    @Test
    void mermaid() {
        assertEquals(
                """
                ---
                title: "a  b "
                config:
                  flowchart:
                    wrappingWidth: 600
                ---
                flowchart TD
                  n0(["<b>data</b><br/>float32<br/>(N, 4, 8, 8)"])
                  subgraph f8["one"]
                    n1["<b>branch</b><br/>Conv2d(4, 1x1, bias)<br/>(N, 4, 8, 8) · 20 parameters"]
                    n2(["<b>+</b><br/>ReLU<br/>(N, 4, 8, 8)"])
                  end
                  n3["<b>mean</b><br/>GlobalAveragePool<br/>(N, 4)"]
                  n4(["<b>output</b><br/>float32<br/>(N, 4)"])
                  n0 --> n1
                  n1 --> n2
                  n0 -. "identity" .-> n2
                  n2 --> n3
                  n3 --> n4
                  classDef merge fill:#fdf3e7,stroke:#c06a12,color:#1c2024
                  classDef shortcut fill:#fdf3e7,stroke:#c06a12,color:#1c2024
                  class n2 merge
                  linkStyle 2 stroke:#c06a12
                """,
                MermaidText.of(Diagram.of(graph(SMALL), Level.BLOCK), "a \"b\""));
    }
}
