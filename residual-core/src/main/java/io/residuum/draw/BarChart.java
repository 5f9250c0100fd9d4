package io.residuum.draw;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * A chart of bars from zero, as SVG. The page's style sheet sets the colours. Values under the
 * pointer come from {@code title} elements.
 */
public final class BarChart {
    private static final int WIDTH = 560;
    private static final int LEFT = 52;
    private static final int RIGHT = 14;
    private static final int TOP = 40;
    private static final int PLOT = 220;

    /** The least width of a bar with its gap, so that a name below fits. */
    private static final int LEAST_STEP = 11;

    private static final int LONGEST_NAME = 24;

    /** A generous mean width of a character, since text cannot be measured here. */
    private static final double CHARACTER = 6;

    private static final String COLOURS =
            Svg.style(
                    """
                    .chart .column rect { fill: #1f5fbf; }
                    .chart .column .area { fill: transparent; }
                    .chart .reference line { stroke: #c06a12; stroke-dasharray: 5 3; }
                    .chart .reference text { fill: #c06a12; font-weight: 600; paint-order: stroke; stroke: #fff; stroke-width: 4px; }
                    .chart .beginning line { stroke: #5c646d; stroke-dasharray: 2 4; }
                    """,
                    """
                    .chart .column rect { fill: #79aef8; }
                    .chart .column .area { fill: transparent; }
                    .chart .reference line { stroke: #eda55a; }
                    .chart .reference text { fill: #eda55a; stroke: #1b1f23; }
                    .chart .beginning line { stroke: #9ea6af; }
                    """);

    private record Bar(String name, double value, String note) {}

    private record Reference(String name, double value) {}

    private record Beginning(int bar, String name) {}

    private final String title;
    private final String label;
    private final List<Bar> bars = new ArrayList<>();
    private final List<Reference> references = new ArrayList<>();
    private final List<Beginning> beginnings = new ArrayList<>();
    private String unit = "";
    private boolean standalone;

    /**
     * Creates an empty chart.
     *
     * @param title the title of the chart
     * @param label the kind of thing that a bar stands for, singular
     */
    public BarChart(String title, String label) {
        this.title = title;
        this.label = label;
    }

    /**
     * Adds a bar.
     *
     * @param name its name, below it
     * @param value a number that is not negative; NaN for none
     * @param note why there is no number, or more about it, under the pointer; may be empty
     */
    public BarChart bar(String name, double value, String note) {
        checkArgument(!(value < 0), "bars must not be negative, got %s for %s", value, name);
        bars.add(new Bar(name, value, note));
        return this;
    }

    /**
     * Adds a horizontal line to compare bars with.
     *
     * @param value its place on the vertical axis
     */
    public BarChart reference(String name, double value) {
        references.add(new Reference(name, value));
        return this;
    }

    /**
     * Marks the beginning of a group of bars.
     *
     * @param bar the number of its first bar, from 0
     * @param name the name of the group
     */
    public BarChart beginning(int bar, String name) {
        beginnings.add(new Beginning(bar, name));
        return this;
    }

    /** Appends a unit to every value. Default: none. */
    public BarChart unit(String unit) {
        this.unit = unit;
        return this;
    }

    /**
     * Adds colours, light and dark, for a file without a page around it. Default: the page's
     * colours.
     */
    public BarChart standalone() {
        this.standalone = true;
        return this;
    }

    /** {@return the chart, which must have a bar} */
    public Markup draw() {
        checkArgument(!bars.isEmpty(), "a bar chart must have a bar: add one");
        int width = Math.max(WIDTH, LEFT + RIGHT + LEAST_STEP * bars.size());
        double step = (double) (width - LEFT - RIGHT) / bars.size();
        boolean upright = bars.stream().anyMatch(b -> CHARACTER * (b.name().length() + 1) > step);
        int longest =
                bars.stream()
                        .mapToInt(b -> Math.min(b.name().length(), LONGEST_NAME))
                        .max()
                        .orElse(0);
        int bottom = TOP + PLOT;
        double names = upright ? CHARACTER * longest + 12 : 22;
        double height = bottom + names + 20;
        Markup svg = Svg.open("%s by %s".formatted(title, label), width, height);
        if (standalone) {
            svg.style(COLOURS);
        }
        Svg.title(svg, title);
        Axis axis = axis();
        svg.open("g", "class", "grid");
        axis.drawUpright(svg, LEFT, width - RIGHT, bottom, PLOT, unit);
        Svg.label(svg, (width + LEFT - RIGHT) / 2.0, height - 4, "middle", label);
        svg.close();
        for (int i = 0; i < bars.size(); i++) {
            drawBar(svg, bars.get(i), axis, LEFT + i * step, step, upright);
        }
        for (Beginning beginning : beginnings) {
            double x = LEFT + beginning.bar() * step;
            svg.open("g", "class", "beginning");
            Svg.line(svg, x, TOP - 8, x, bottom);
            Svg.label(svg, x + 4, TOP - 2, "start", beginning.name());
            svg.close();
        }
        for (Reference reference : references) {
            double y = bottom - axis.at(reference.value()) * PLOT;
            svg.open("g", "class", "reference");
            Svg.line(svg, LEFT, y, width - RIGHT, y);
            Svg.label(svg, width - RIGHT, y - 4, "end", reference.name());
            svg.close();
        }
        return svg.close();
    }

    private Axis axis() {
        DoubleStream values =
                DoubleStream.concat(
                        bars.stream().mapToDouble(Bar::value),
                        references.stream().mapToDouble(Reference::value));
        return Axis.linear(0, values.filter(Double::isFinite).max().orElse(1), 5);
    }

    private void drawBar(Markup svg, Bar bar, Axis axis, double x, double step, boolean upright) {
        int bottom = TOP + PLOT;
        double middle = x + step / 2;
        String value =
                Double.isFinite(bar.value()) ? Numbers.significant(bar.value()) + unit : "none";
        svg.open("g", "class", "column");
        svg.leaf(
                "title",
                "%s: %s%s"
                        .formatted(
                                bar.name(), value, bar.note().isEmpty() ? "" : "\n" + bar.note()));
        Svg.rect(svg, "class", "area", x, TOP, step, PLOT).close();
        if (Double.isFinite(bar.value())) {
            double tall = axis.at(bar.value()) * PLOT;
            Svg.rect(svg, "class", "value", x + 0.12 * step, bottom - tall, 0.76 * step, tall)
                    .close();
        } else {
            Svg.label(svg, middle, bottom - 4, "middle", "–");
        }
        String name = Svg.shortened(bar.name(), LONGEST_NAME);
        if (upright) {
            double y = bottom + 8;
            String at = Svg.n(middle + 4) + " " + Svg.n(y);
            svg.leaf(
                    "text",
                    name,
                    "text-anchor",
                    "end",
                    "transform",
                    "translate(%s) rotate(-90)".formatted(at),
                    "font-size",
                    "10");
        } else {
            Svg.label(svg, middle, bottom + 16, "middle", name);
        }
        svg.close();
    }
}
