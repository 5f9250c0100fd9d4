package io.residuum.draw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.draw.HeatMap.Side;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class HeatMapTest {
    private static final Pattern POINT = Pattern.compile("[ML]([\\d.]+) ([\\d.]+)");

    private static Document parse(HeatMap map) throws Exception {
        byte[] xml = map.draw().toString().getBytes(StandardCharsets.UTF_8);
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(xml));
    }

    private static double[][] grid(int size, java.util.function.DoubleBinaryOperator function) {
        double[][] values = new double[size][size];
        for (int r = 0; r < size; r++) {
            for (int c = 0; c < size; c++) {
                double x = 2.0 * c / (size - 1) - 1;
                values[r][c] = function.applyAsDouble(x, 2.0 * r / (size - 1) - 1);
            }
        }
        return values;
    }

    private static HeatMap plane(double[][] values) {
        return new HeatMap("Loss", values, Side.of("x", -1, 1), Side.of("y", -1, 1));
    }

    /** The contours of a radius are circles around the mark, whatever the scale of colours. */
    @Test
    void contoursAreLinesOfEqualValues() throws Exception {
        for (boolean log : new boolean[] {false, true}) {
            HeatMap map = plane(grid(41, (x, y) -> 0.05 + x * x + y * y)).contours().mark(0, 0);
            Document svg = parse(log ? map.log() : map);
            Element ring = (Element) svg.getElementsByTagName("circle").item(0);
            double cx = Double.parseDouble(ring.getAttribute("cx"));
            double cy = Double.parseDouble(ring.getAttribute("cy"));
            NodeList paths = svg.getElementsByTagName("path");
            assertTrue(paths.getLength() >= 3, "levels: " + paths.getLength());
            for (int i = 0; i < paths.getLength(); i++) {
                Matcher point = POINT.matcher(((Element) paths.item(i)).getAttribute("d"));
                double least = Double.POSITIVE_INFINITY;
                double most = 0;
                while (point.find()) {
                    double dx = Double.parseDouble(point.group(1)) - cx;
                    double dy = Double.parseDouble(point.group(2)) - cy;
                    least = Math.min(least, Math.hypot(dx, dy));
                    most = Math.max(most, Math.hypot(dx, dy));
                }
                assertEquals(1, most / least, 0.05, "a circle");
            }
        }
    }

    /** Lines cut off the low corners of a saddle below its middle, and the high ones above. */
    @Test
    void saddlesFollowTheirMiddle() throws Exception {
        Document svg = parse(plane(new double[][] {{0, 9}, {9, 0}}).contours());
        Element cell = (Element) svg.getElementsByTagName("rect").item(0);
        double half = Double.parseDouble(cell.getAttribute("width")) * Math.sqrt(0.5);
        NodeList paths = svg.getElementsByTagName("path");
        assertEquals(13, paths.getLength());
        for (int i = 0; i < 13; i++) {
            Matcher point = POINT.matcher(((Element) paths.item(i)).getAttribute("d"));
            List<double[]> points = new ArrayList<>();
            while (point.find()) {
                points.add(
                        new double[] {
                            Double.parseDouble(point.group(1)), Double.parseDouble(point.group(2))
                        });
            }
            assertEquals(4, points.size());
            for (int j = 0; j < 4; j += 2) {
                double[] from = points.get(j);
                double[] to = points.get(j + 1);
                assertTrue(Math.hypot(to[0] - from[0], to[1] - from[1]) < half);
            }
        }
    }

    @Test
    void namesRowsFromTheTopAndMarksValuesThatAreMissing() throws Exception {
        double[][] values = {{1, Double.NaN}, {0.5, 0}};
        Document svg =
                parse(
                        new HeatMap(
                                        "CKA",
                                        values,
                                        Side.of("unit", List.of("1", "2")),
                                        Side.of("", List.of("1 <stem>", "2 head")))
                                .range(0, 1)
                                .standalone());
        NodeList rects = svg.getElementsByTagName("rect");
        Element first = (Element) rects.item(0);
        Element second = (Element) rects.item(1);
        Element last = (Element) rects.item(3);
        assertEquals(Viridis.colour(1), first.getAttribute("fill"));
        assertEquals("none", second.getAttribute("class"));
        assertEquals(Viridis.colour(0), last.getAttribute("fill"));
        assertEquals("1 <stem>, 1: 1", first.getTextContent());
        double top = Double.parseDouble(first.getAttribute("y"));
        assertTrue(top < Double.parseDouble(last.getAttribute("y")));
        assertNotNull(svg.getElementsByTagName("style").item(0));
    }

    /** The numbers of viridis in matplotlib at both ends. */
    @Test
    void coloursEndAtTheEndsOfViridis() {
        assertEquals("#440154", Viridis.colour(0));
        assertEquals("#fde725", Viridis.colour(1));
        assertEquals("#fde725", Viridis.colour(7));
        assertFalse(Viridis.colour(0.5).equals(Viridis.colour(0.51)));
    }

    @Test
    void refusesNamesThatDoNotFit() {
        assertThrows(
                IllegalArgumentException.class,
                () ->
                        new HeatMap(
                                "",
                                new double[2][2],
                                Side.of("x", List.of("one")),
                                Side.of("y", 0, 1)));
    }
}
