package io.residuum.draw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

class SvgChartTest {
    private static final double[] X = {1, 2, 3};

    private static List<String> all(String pattern, String svg) {
        return Pattern.compile(pattern).matcher(svg).results().map(MatchResult::group).toList();
    }

    @Test
    void manySeriesDifferAndTheirNamesWrapIntoRows() {
        SvgChart chart = new SvgChart("Accuracy", "epoch");
        for (int i = 0; i < 12; i++) {
            chart.series("network number " + i, i, X, new double[] {i, i + 1, i + 2});
        }
        String svg = chart.draw().toString();
        Set<String> looks = new HashSet<>(all("stroke=\"#\\w+\" stroke-dasharray=\"[^\"]+\"", svg));
        assertEquals(12, looks.size(), "each series has its colour and dashes");
        List<String> names = all("x=\"[\\d.]+\" y=\"[\\d.]+\" text-anchor=\"start\">net", svg);
        assertEquals(12, names.size());
        double right = 0;
        Set<String> rows = new HashSet<>();
        for (String name : names) {
            right = Math.max(right, Double.parseDouble(name.split("\"")[1]));
            rows.add(name.split("\"")[3]);
        }
        assertTrue(rows.size() > 2, "rows " + rows);
        assertTrue(right + 7 * "network number 11".length() < 560, "inside of the chart");
        assertTrue(Double.parseDouble(all("0 0 560 \\d+", svg).get(0).substring(8)) > 300, svg);
    }

    @Test
    void fewNamesStandBesideTheTitle() {
        String svg =
                new SvgChart("Loss", "epoch")
                        .series("a", 0, X, X)
                        .series("b", 1, X, X)
                        .draw()
                        .toString();
        assertTrue(svg.contains("viewBox=\"0 0 560 300\""), svg);
    }

    @Test
    void bandsGoThereAndBackAndHaveGaps() {
        double[] x = {1, 2, 3, 4, 5};
        double[] low = {1, 1, Double.NaN, 1, 1};
        double[] high = {2, 3, 3, 2, 2};
        String svg = new SvgChart("Loss", "epoch").band(2, x, low, high).draw().toString();
        List<String> bands = all("class=\"band\" d=\"[^\"]+\"", svg);
        assertEquals(1, bands.size());
        assertEquals(2, all("Z", bands.get(0)).size(), bands.get(0));
        assertEquals(6, all("L", bands.get(0)).size(), bands.get(0));
    }

    @Test
    void faintCurvesHaveNoName() {
        SvgChart chart = new SvgChart("Loss", "epoch").faint(0, X, X).series("main", 0, X, X);
        String svg = chart.draw().toString();
        assertEquals(1, all("stroke-opacity", svg).size());
        assertTrue(svg.contains("main 2"), "a tooltip of the main curve alone");
    }
}
