package io.residuum.draw;

import java.util.ArrayList;
import java.util.List;

/** Places the names of series above a chart: beside the title, or in rows below it. */
final class Legend {
    // Text cannot be measured here; 7 is a generous mean width of a character.
    private static final int CHARACTER = 7;
    private static final int BEFORE_NAME = 24;
    private static final int GAP = 12;
    private static final int ROW = 18;
    private static final int LONGEST = 60;

    private record Entry(Series series, String name, double x, int row) {}

    private final List<Entry> entries = new ArrayList<>();
    private final int rows;

    /**
     * Places names between two positions.
     *
     * @param title the title, which takes the left end of the first row
     */
    Legend(List<Series> series, String title, double left, double right) {
        List<Series> listed =
                series.stream()
                        .filter(Series::isListed)
                        .filter(s -> series.size() > 1 || !s.name().equalsIgnoreCase(title))
                        .toList();
        double all = listed.stream().mapToDouble(s -> width(name(s)) + GAP).sum();
        if (all <= right - (CHARACTER + 1) * title.length()) {
            // From the right, so that the legend ends with the plot for names of any length.
            double end = right;
            for (int i = listed.size() - 1; i >= 0; i--) {
                String name = name(listed.get(i));
                entries.add(new Entry(listed.get(i), name, end - width(name), 0));
                end -= width(name) + GAP;
            }
            rows = 0;
            return;
        }
        double x = left;
        int row = 1;
        for (Series s : listed) {
            String name = name(s);
            if (x > left && x + width(name) > right) {
                x = left;
                row++;
            }
            entries.add(new Entry(s, name, x, row));
            x += width(name) + GAP;
        }
        rows = row;
    }

    private static String name(Series series) {
        return series.name().length() <= LONGEST
                ? series.name()
                : series.name().substring(0, LONGEST - 1) + "…";
    }

    private static double width(String name) {
        return BEFORE_NAME + (double) CHARACTER * name.length();
    }

    /** Returns the height of the rows below the title. */
    int height() {
        return rows * ROW;
    }

    void draw(Markup svg) {
        for (Entry e : entries) {
            double y = 11 + e.row * ROW;
            String at = Svg.n(e.x) + " ";
            switch (e.series.form()) {
                case LINE -> e.series.draw(svg, "M" + at + Svg.n(y) + "h18");
                case POINTS -> e.series.dot(svg, e.x + 13, y, 3);
                case BAND -> e.series.draw(svg, "M" + at + Svg.n(y - 3) + "h18v6h-18z");
            }
            Svg.label(svg, e.x + BEFORE_NAME, y + 4, "start", e.name);
        }
    }
}
