package io.residuum.draw;

/**
 * Colours for any number of series, as attributes of SVG. They differ for colour-blind readers, too
 * (Okabe and Ito 2008), and show on light and dark pages. After the last colour they begin again
 * with dashes.
 */
final class Palette {
    private static final String[] COLOURS = {
        "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c8c8c"
    };
    private static final String[] DASHES = {"none", "7 3", "2 3", "9 3 2 3"};

    /** The style sheet of a chart without a page around it. */
    static final String STANDALONE =
            Svg.style(
                    """
                    .curve { fill: none; stroke-width: 2; stroke-linejoin: round; }
                    .curve.main { stroke: #1f5fbf; }
                    .curve.second { stroke: #c06a12; }
                    .curve.alone { stroke: #1c2024; }
                    .curve.faint { stroke: #c3c8cd; stroke-width: 1; }
                    .dot.main, .dot.points { fill: #1f5fbf; }
                    .dot.second { fill: #c06a12; }
                    .tip rect, .tip line, .tip .dot { fill: transparent; stroke: none; }
                    .mark line { stroke: #1f5fbf; stroke-dasharray: 2 4; }
                    .mark circle { fill: #fff; stroke: #1f5fbf; stroke-width: 2; }
                    .chart .mark text { fill: #1f5fbf; font-weight: 600; }
                    """,
                    """
                    .curve.main, .mark line, .mark circle { stroke: #79aef8; }
                    .curve.second { stroke: #eda55a; }
                    .curve.alone { stroke: #e7e9eb; }
                    .curve.faint { stroke: #4a5158; }
                    .dot.main, .dot.points, .chart .mark text { fill: #79aef8; }
                    .dot.second { fill: #eda55a; }
                    .mark circle { fill: #1b1f23; }
                    """);

    private Palette() {}

    static String colour(int series) {
        return COLOURS[series % COLOURS.length];
    }

    static String[] line(int series) {
        String dashes = DASHES[series / COLOURS.length % DASHES.length];
        return new String[] {"stroke", colour(series), "stroke-dasharray", dashes};
    }

    /** Returns a line in the background of the one of the same series. */
    static String[] faint(int series) {
        return new String[] {
            "stroke", colour(series), "stroke-dasharray", "4 3", "stroke-opacity", "0.55",
        };
    }

    static String[] fill(int series) {
        return new String[] {"fill", colour(series)};
    }

    static String[] band(int series) {
        return new String[] {"fill", colour(series), "fill-opacity", "0.14", "stroke", "none"};
    }
}
