package io.residuum.draw;

/** Draws the parts that charts have in common, in one style. */
public final class Svg {
    private static final String LIGHT =
            """
            .chart { background: #fff; font: 12px sans-serif; }
            .chart text { fill: #5c646d; }
            .chart .title { fill: #1c2024; font-size: 14px; font-weight: 600; }
            .chart .grid line { stroke: #e4e5e3; }
            """;

    private static final String DARK =
            """
            .chart { background: #1b1f23; }
            .chart text { fill: #9ea6af; }
            .chart .title { fill: #e7e9eb; }
            .chart .grid line { stroke: #2d3339; }
            """;

    private Svg() {}

    /**
     * Opens a picture.
     *
     * @param label a description for readers who cannot see it
     */
    public static Markup open(String label, double width, double height) {
        return new Markup()
                .open(
                        "svg",
                        "xmlns",
                        "http://www.w3.org/2000/svg",
                        "class",
                        "chart",
                        "viewBox",
                        "0 0 %s %s".formatted(n(width), n(height)),
                        "role",
                        "img",
                        "aria-label",
                        label);
    }

    /**
     * {@return the style sheet of a picture without a page around it}
     *
     * @param light further rules
     * @param dark those that differ on a dark page
     */
    public static String style(String light, String dark) {
        return LIGHT + light + "@media (prefers-color-scheme: dark) {\n" + DARK + dark + "}\n";
    }

    static void title(Markup svg, String title) {
        svg.leaf("text", title, "class", "title", "x", "0", "y", "16");
    }

    static void line(Markup svg, double x1, double y1, double x2, double y2) {
        svg.empty("line", "x1", n(x1), "y1", n(y1), "x2", n(x2), "y2", n(y2));
    }

    static void label(Markup svg, double x, double y, String anchor, String text) {
        svg.leaf("text", text, "x", n(x), "y", n(y), "text-anchor", anchor);
    }

    /** Opens a rectangle with an attribute, such as its class. */
    static Markup rect(
            Markup svg, String name, String value, double x, double y, double width, double tall) {
        return svg.open(
                "rect", name, value, "x", n(x), "y", n(y), "width", n(width), "height", n(tall));
    }

    /** Shortens a name to its end, which tells paths apart. */
    static String shortened(String name, int longest) {
        return name.length() <= longest ? name : "…" + name.substring(name.length() - longest + 1);
    }

    /** Formats a coordinate to a hundredth of a unit. */
    static String n(double coordinate) {
        return Numbers.plain(Math.round(100 * coordinate) / 100.0);
    }
}
