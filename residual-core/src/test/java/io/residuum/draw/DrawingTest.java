package io.residuum.draw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.DataType;
import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.trace.Capture;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.w3c.dom.Element;

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

    private static final String SMALL =
            """
            {"format": "residuum/1", "name": "a \\"b\\"",
             "input": {"type": "image", "shape": [4, 8, 8]},
             "network": [
              {"type": "residual", "name": "one", "after": {"activation": "relu"},
               "branch": [{"type": "conv2d", "name": "conv", "filters": 4, "kernel": 1}]},
              {"type": "globalAveragePool", "name": "mean"}]}
            """;

    private static Graph graph(String json) {
        ModelSpec spec = SpecJson.standard().parse(json, "test.json", ModelSpec.class);
        Capture.Source data =
                new Capture.Source(Capture.DATA, spec.input().batchShape(), DataType.FLOAT32);
        return Capture.of(spec.newBlock(), List.of(data), false);
    }

    @ParameterizedTest
    @EnumSource(Level.class)
    void everyOperationIsInOneBoxAndArrowsLeadDown(Level level) {
        Graph graph = graph(ODD);
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
        assertTrue(level == Level.OPERATION ? boxes == operations + 1 : boxes < operations);
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
    void blocksAreBranchesShortcutsAndMerges() {
        String boxes =
                Diagram.of(graph(ODD), Level.BLOCK).boxes().stream()
                        .map(b -> b.path() + ":" + b.title())
                        .collect(Collectors.joining(" "));
        assertEquals(
                "data:data stem:stem dense:branch dense:concat gated:branch gated:gate gated:gate"
                        + " padded:branch padded:shortcut padded:+ outer.branch.inner:branch"
                        + " outer.branch.inner:+ outer.branch.down:before outer.branch.down:branch"
                        + " outer.branch.down:shortcut outer.branch.down:+ outer:shortcut outer:+"
                        + " mean:mean fc:fc",
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
        assertEquals(Set.of("branch false", "shortcut true"), Set.copyOf(readers));
    }

    @ParameterizedTest
    @EnumSource(Level.class)
    void svgIsWellFormedAndNothingOverlaps(Level level) throws Exception {
        String svg = SvgDrawing.of(Diagram.of(graph(ODD), level), "a < b & \"c\"", "");
        var document =
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
        double width = number(document.getDocumentElement(), "width");
        double height = number(document.getDocumentElement(), "height");
        List<double[]> boxes = new ArrayList<>();
        var groups = document.getElementsByTagName("g");
        for (int i = 0; i < groups.getLength(); i++) {
            Element group = (Element) groups.item(i);
            Element rect = (Element) group.getElementsByTagName("rect").item(0);
            double left = number(rect, "x");
            double top = number(rect, "y");
            double right = left + number(rect, "width");
            double bottom = top + number(rect, "height");
            assertTrue(left >= 0 && top >= 0 && right <= width && bottom <= height);
            if (group.getAttribute("class").startsWith("box")) {
                boxes.add(new double[] {left, top, right, bottom});
                var texts = group.getElementsByTagName("text");
                for (int t = 0; t < texts.getLength(); t++) {
                    Element text = (Element) texts.item(t);
                    // 6.2 is the mean width of a letter at this size in Arial and its like.
                    double half = 6.2 * text.getTextContent().length() / 2;
                    double x = number(text, "x");
                    double y = number(text, "y");
                    assertTrue(x - half >= left && x + half <= right, text.getTextContent());
                    assertTrue(y - 10 >= top && y + 3 <= bottom, text.getTextContent());
                }
            }
        }
        for (double[] a : boxes) {
            for (double[] b : boxes) {
                boolean apart = a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1];
                assertTrue(a == b || apart);
            }
        }
    }

    /** An arrow touches no box but those that it joins. */
    @ParameterizedTest
    @EnumSource(Level.class)
    void arrowsRunBesideBoxes(Level level) {
        Layout layout = new Layout(Diagram.of(graph(ODD), level));
        assertFalse(layout.routes().isEmpty());
        for (Route route : layout.routes()) {
            for (int i = 1; i < route.points().size(); i++) {
                Point a = route.points().get(i - 1);
                Point b = route.points().get(i);
                layout.places()
                        .forEach(
                                (box, r) -> {
                                    boolean crosses =
                                            Math.max(a.x(), b.x()) > r.x()
                                                    && Math.min(a.x(), b.x()) < r.right()
                                                    && Math.max(a.y(), b.y()) > r.y()
                                                    && Math.min(a.y(), b.y()) < r.bottom();
                                    assertFalse(crosses, () -> route + " crosses " + box.path());
                                });
            }
        }
    }

    private static double number(Element element, String attribute) {
        return Double.parseDouble(element.getAttribute(attribute));
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
                  n0(["<b>data</b><br/>float32 (N, 4, 8, 8)"])
                  subgraph f0["one"]
                    n1["<b>branch</b><br/>Conv2d(4, 1x1, bias)<br/>(N, 4, 8, 8) · 20 parameters"]
                    n2(["<b>+</b><br/>ReLU<br/>(N, 4, 8, 8)"])
                  end
                  n3["<b>mean</b><br/>GlobalAveragePool<br/>(N, 4)"]
                  n0 --> n1
                  n1 --> n2
                  n0 -. "identity" .-> n2
                  n2 --> n3
                  classDef merge fill:#fdf3e7,stroke:#c06a12,color:#1c2024
                  classDef shortcut fill:#fdf3e7,stroke:#c06a12,color:#1c2024
                  class n2 merge
                  linkStyle 2 stroke:#c06a12
                """,
                MermaidText.of(Diagram.of(graph(SMALL), Level.BLOCK), "a \"b\""));
    }
}
