package io.residuum.draw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FoldingTest {

    private static Diagram folded(String layers, Level level) {
        return diagram(layers, level).folded();
    }

    private static Diagram diagram(String layers, Level level) {
        return Diagram.of(
                DrawingTest.graph(
                        """
                        {"format": "residuum/1", "name": "net",
                         "input": {"type": "image", "shape": [4, 8, 8]}, "network": [%s]}
                        """
                                .formatted(layers)),
                level);
    }

    private static String unit(String name, int filters, String more) {
        return """
        {"type": "residual", "name": "%s", %s
         "branch": [{"type": "conv2d", "name": "conv", "filters": %d, "kernel": 1}]}
        """
                .formatted(name, more, filters);
    }

    /** Returns the groups as {@code title x times}, outer ones first. */
    private static List<String> groups(List<Element> elements) {
        List<String> found = new ArrayList<>();
        for (Element element : elements) {
            if (element instanceof Group group) {
                found.add(group.title() + " x " + group.times());
                found.addAll(groups(group.elements()));
            }
        }
        return found;
    }

    @ParameterizedTest
    @CsvSource({"BLOCK, 1", "LAYER, 1", "BLOCK, 2", "LAYER, 2", "BLOCK, 5", "OPERATION, 5"})
    void countsEqualUnits(Level level, int times) {
        String repeat =
                """
                {"type": "repeat", "name": "body", "times": %d, "layer": %s}
                """
                        .formatted(times, unit("u", 4, "").replace("\"name\": \"u\",", ""));
        Diagram diagram = folded(repeat, level);
        List<String> groups = groups(diagram.elements());
        String expected = times == 1 ? "body.0 x 1" : "body.0\u2013" + (times - 1) + " x " + times;
        assertEquals(expected, groups.get(0), groups.toString());
        assertEquals(Box.Kind.INPUT, diagram.boxes().get(0).kind());
        Box last = diagram.boxes().get(diagram.boxes().size() - 1);
        assertEquals(Box.Kind.OUTPUT, last.kind());
        // The output reads the merge of the unit that stands for all.
        Edge end = diagram.links().stream().filter(l -> l.to() == last).findAny().orElseThrow();
        assertEquals(Box.Kind.MERGE, end.from().kind());
        assertTrue(diagram.boxes().contains(end.from()));
    }

    @Test
    void everyArrowJoinsBoxesOfTheDiagram() {
        Diagram diagram =
                folded(
                        String.join(
                                ",",
                                unit("a0", 8, "\"shortcut\": \"projection\","),
                                unit("a1", 8, ""),
                                unit("a2", 8, ""),
                                unit("b0", 12, "\"shortcut\": \"projection\",")),
                        Level.BLOCK);
        Set<Box> boxes = new HashSet<>(diagram.boxes());
        diagram.links().forEach(l -> assertTrue(boxes.contains(l.from()), l.from().path()));
        diagram.links().forEach(l -> assertTrue(boxes.contains(l.to()), l.to().path()));
        assertEquals(List.of("a0 x 1", "a1\u2013a2 x 2", "b0 x 1"), groups(diagram.elements()));
        String chain =
                diagram.links().stream()
                        .map(l -> l.from().path() + ":" + l.from().title() + ">" + l.to().path())
                        .filter(l -> l.contains(":+>"))
                        .distinct()
                        .collect(Collectors.joining(" "));
        assertEquals("a0:+>a1 a1:+>b0 b0:+>output", chain);
    }

    /** Units with other layers, other shortcuts or a reader outside stay as they are. */
    @Test
    void keepsUnequalUnits() {
        for (String second :
                List.of(
                        unit("u1", 4, "\"before\": {\"norm\": \"batch\"},"),
                        unit("u1", 4, "\"merge\": \"gate\","))) {
            Diagram diagram = diagram(unit("u0", 4, "") + "," + second, Level.BLOCK);
            assertEquals(diagram.boxes(), diagram.folded().boxes());
            assertEquals(Set.copyOf(diagram.links()), Set.copyOf(diagram.folded().links()));
        }
        String skipped =
                """
                {"type": "graph", "name": "g", "outputs": ["sum"], "layers": [%s, %s, %s,
                  {"type": "add", "name": "sum", "from": ["u0", "u2"]}]}
                """
                        .formatted(unit("u0", 4, ""), unit("u1", 4, ""), unit("u2", 4, ""));
        assertEquals(
                List.of("g x 1", "u0 x 1", "u1\u2013u2 x 2"),
                groups(folded(skipped, Level.BLOCK).elements()));
    }

    @Test
    void foldsAlternatingUnits() {
        String a = unit("NAME", 4, "");
        String b = unit("NAME", 4, "\"before\": {\"norm\": \"batch\"},");
        List<String> units = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            units.add((i % 2 == 0 ? a : b).replace("NAME", "u" + i));
        }
        Diagram diagram = folded(String.join(",", units), Level.BLOCK);
        assertEquals(List.of("u0\u2013u5 x 3", "u0 x 1", "u1 x 1"), groups(diagram.elements()));
    }

    @Test
    void foldsUnitsInUnits() {
        String inner = unit("i", 4, "").replace("\"name\": \"i\",", "");
        String text =
                """
                {"type": "repeat", "name": "outer", "times": 3, "layer": [
                  {"type": "repeat", "name": "in", "times": 2, "layer": %s},
                  {"type": "maxPool2d", "name": "pool", "kernel": 3, "stride": 1, "padding": 1}]}
                """
                        .formatted(inner);
        assertEquals(
                List.of("outer.0\u20132 x 3", "outer.0.in.0\u20131 x 2"),
                groups(folded(text, Level.BLOCK).elements()));
    }

    /** Dense units have the same layers and more channels each time. */
    @Test
    void growingUnitsShowRanges() {
        List<String> units = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            units.add(unit("d" + i, 2, "\"merge\": \"concat\","));
        }
        Diagram diagram = folded(String.join(",", units), Level.BLOCK);
        assertEquals(List.of("d0\u2013d2 x 3"), groups(diagram.elements()));
        Box branch = diagram.boxes().get(1);
        assertEquals("10\u201318 parameters", branch.size());
        assertEquals("(N, 6\u201310, 8, 8)", diagram.boxes().get(2).shape());
        Edge end = diagram.links().get(diagram.links().size() - 1);
        assertEquals("(N, 10, 8, 8)", end.shape());
        assertSame(diagram.boxes().get(2), end.from());
    }

    @Test
    void numbersBecomeRanges() {
        assertEquals("a 1\u20133 of 1,200", Ranges.merged(List.of("a 3 of 1,200", "a 1 of 1,200")));
        assertEquals("900\u20131,200", Ranges.merged(List.of("1,200", "900")));
        assertEquals("", Ranges.merged(List.of("", "")));
        assertFalse(Ranges.pattern("(N, 4)").contains("4"));
    }
}
