package io.residuum.draw;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * A chart of curves over steps or epochs, as SVG. The page's style sheet sets the colours. Values
 * under the pointer come from {@code title} elements, so that no script is needed.
 */
public final class SvgChart {
    private static final int WIDTH = 560;
    private static final int HEIGHT = 300;
    private static final int LEFT = 52;
    private static final int RIGHT = 14;
    private static final int TOP = 40;
    private static final int BOTTOM = 40;
    private static final int MOST_TOOLTIPS = 400;

    private static final String COLOURS =
            """
            .chart { background: #fff; font: 12px sans-serif; }
            .chart text { fill: #5c646d; }
            .chart .title { fill: #1c2024; font-size: 14px; font-weight: 600; }
            .chart .grid line { stroke: #e4e5e3; }
            .curve { fill: none; stroke-width: 2; stroke-linejoin: round; }
            .curve.main { stroke: #1f5fbf; }
            .curve.second { stroke: #c06a12; }
            .curve.alone { stroke: #1c2024; }
            .curve.faint { stroke: #c3c8cd; stroke-width: 1; }
            .dot, .tip rect, .tip line { fill: transparent; stroke: none; }
            .mark line { stroke: #1f5fbf; stroke-dasharray: 2 4; }
            .mark circle { fill: #fff; stroke: #1f5fbf; stroke-width: 2; }
            .chart .mark text { fill: #1f5fbf; font-weight: 600; }
            """;

    /** The styles of a curve. The style sheet has a class of the same name. */
    public enum Style {
        /** The main curve of the chart. */
        MAIN,
        /** A second curve for comparison. */
        SECOND,
        /** The only curve of the chart. */
        ALONE,
        /** A noisy curve in the background, without tooltips. */
        FAINT,
        /** Points that no line connects. */
        POINTS;

        private String css() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private record Series(String name, Style style, double[] x, double[] y) {}

    private record Mark(double x, double y, String label) {}

    private record Point(Series series, double y) {}

    private final String title;
    private final String xLabel;
    private final List<Series> series = new ArrayList<>();
    private String unit = "";
    private boolean log;
    private boolean logX;
    private boolean standalone;
    private boolean fromZero;
    private boolean numeric;
    private @Nullable Mark mark;

    /**
     * Creates an empty chart.
     *
     * @param title the title of the chart
     * @param xLabel the quantity on the horizontal axis, singular
     */
    public SvgChart(String title, String xLabel) {
        this.title = title;
        this.xLabel = xLabel;
    }

    /** Adds a curve, with a gap wherever a value is not finite. Later curves cover earlier ones. */
    public SvgChart series(String name, Style style, double[] x, double[] y) {
        checkArgument(
                x.length == y.length,
                "x and y must have the same length, got %s and %s",
                x.length,
                y.length);
        series.add(new Series(name, style, x, y));
        return this;
    }

    /** Appends a unit to every value. Default: none. */
    public SvgChart unit(String unit) {
        this.unit = unit;
        return this;
    }

    /**
     * Uses a logarithmic vertical axis, which omits values that are not positive. Default: linear.
     */
    public SvgChart log() {
        this.log = true;
        return this;
    }

    /** Uses a logarithmic horizontal axis; all x must be positive. Default: linear from 0. */
    public SvgChart logX() {
        this.logX = true;
        return this;
    }

    /** Adds colours for a file without a page around it. Default: the page's colours. */
    public SvgChart standalone() {
        this.standalone = true;
        return this;
    }

    /**
     * Starts a linear vertical axis at 0; no value may be negative. Default: at the smallest value.
     */
    public SvgChart fromZero() {
        this.fromZero = true;
        return this;
    }

    /**
     * Uses a horizontal axis of any numbers, without tooltips. Default: counts from 0, such as
     * epochs.
     */
    public SvgChart numeric() {
        this.numeric = true;
        return this;
    }

    /** Marks a point. Default: none. */
    public SvgChart mark(double x, double y, String label) {
        this.mark = new Mark(x, y, label);
        return this;
    }

    /** Returns true if there is nothing to draw. */
    public boolean isEmpty() {
        return values().findAny().isEmpty();
    }

    /** Draws the chart, which must not be empty. */
    public Markup draw() {
        Markup svg = new Markup();
        svg.open(
                "svg",
                "xmlns",
                "http://www.w3.org/2000/svg",
                "class",
                "chart",
                "viewBox",
                "0 0 " + WIDTH + " " + HEIGHT,
                "role",
                "img",
                "aria-label",
                title + " over " + xLabel + "s");
        if (standalone) {
            svg.style(COLOURS);
        }
        Axis xAxis = xAxis();
        Axis yAxis = yAxis();
        DoubleUnaryOperator x = v -> LEFT + xAxis.at(v) * (WIDTH - LEFT - RIGHT);
        DoubleUnaryOperator y = v -> HEIGHT - BOTTOM - yAxis.at(v) * (HEIGHT - TOP - BOTTOM);
        drawGrid(svg, xAxis, yAxis);
        drawLegend(svg);
        for (Series s : series) {
            drawCurve(svg, s, x, y);
        }
        if (mark != null) {
            drawMark(svg, mark, x, y);
        }
        drawTooltips(svg, x, y);
        return svg.close();
    }

    private boolean shows(double y) {
        return Double.isFinite(y) && (!log || y > 0);
    }

    private DoubleStream values() {
        return series.stream().flatMapToDouble(s -> DoubleStream.of(s.y())).filter(this::shows);
    }

    private Axis xAxis() {
        if (numeric || logX) {
            double[] x = series.stream().flatMapToDouble(s -> DoubleStream.of(s.x())).toArray();
            double least = DoubleStream.of(x).min().orElseThrow();
            double greatest = DoubleStream.of(x).max().orElseThrow();
            return logX ? Axis.log(least, greatest) : Axis.linear(least, greatest, 6);
        }
        double max = series.stream().mapToDouble(s -> s.x()[s.x().length - 1]).max().orElseThrow();
        // the mean of the last steps is plotted slightly before the end of the last epoch
        return Axis.counts(Math.ceil(max), 8);
    }

    private Axis yAxis() {
        double min = fromZero ? 0 : values().min().orElseThrow();
        double max = values().max().orElseThrow();
        return log ? Axis.log(min, max) : Axis.linear(min, max, 5);
    }

    private void drawGrid(Markup svg, Axis xAxis, Axis yAxis) {
        svg.open("g", "class", "grid");
        for (Axis.Tick tick : yAxis.ticks()) {
            double y = HEIGHT - BOTTOM - tick.at() * (HEIGHT - TOP - BOTTOM);
            line(svg, LEFT, y, WIDTH - RIGHT, y);
            label(svg, LEFT - 8, y + 4, "end", tick.label() + unit);
        }
        for (Axis.Tick tick : xAxis.ticks()) {
            double x = LEFT + tick.at() * (WIDTH - LEFT - RIGHT);
            line(svg, x, HEIGHT - BOTTOM, x, HEIGHT - BOTTOM + 4);
            label(svg, x, HEIGHT - BOTTOM + 18, "middle", tick.label());
        }
        label(svg, (WIDTH + LEFT - RIGHT) / 2.0, HEIGHT - 4, "middle", xLabel);
        svg.close();
    }

    // Draws from the right, so that the legend ends with the plot for names of any length.
    private void drawLegend(Markup svg) {
        svg.open("g", "class", "legend");
        svg.leaf("text", title, "class", "title", "x", "0", "y", "16");
        boolean titled = series.size() == 1 && series.get(0).name().equalsIgnoreCase(title);
        double right = WIDTH - RIGHT;
        for (int i = series.size() - 1; !titled && i >= 0; i--) {
            Series s = series.get(i);
            label(svg, right, 15, "end", s.name());
            // text cannot be measured here; 7 is a generous mean width of a character
            right -= 7 * s.name().length() + 6;
            if (s.style() == Style.POINTS) {
                dot(svg, s.style(), right - 5, 11, 3);
                right -= 26;
                continue;
            }
            svg.empty(
                    "path",
                    "class",
                    "curve " + s.style().css(),
                    "d",
                    "M" + n(right - 18) + " 11h18");
            right -= 36;
        }
        svg.close();
    }

    private void drawCurve(Markup svg, Series s, DoubleUnaryOperator x, DoubleUnaryOperator y) {
        if (s.style() == Style.POINTS) {
            for (int i = 0; i < s.y().length; i++) {
                if (shows(s.y()[i])) {
                    dot(svg, s.style(), x.applyAsDouble(s.x()[i]), y.applyAsDouble(s.y()[i]), 2.2);
                }
            }
            return;
        }
        StringBuilder path = new StringBuilder();
        int run = 0;
        for (int i = 0; i < s.y().length; i++) {
            if (!shows(s.y()[i])) {
                run = 0;
                continue;
            }
            double px = x.applyAsDouble(s.x()[i]);
            double py = y.applyAsDouble(s.y()[i]);
            boolean last = i + 1 == s.y().length || !shows(s.y()[i + 1]);
            if (++run == 1 && last) {
                dot(svg, s.style(), px, py, 3.5);
            } else {
                path.append(run == 1 ? "M" : "L").append(n(px)).append(' ').append(n(py));
            }
        }
        if (path.length() > 0) {
            svg.empty("path", "class", "curve " + s.style().css(), "d", path.toString());
        }
    }

    private static void drawMark(
            Markup svg, Mark mark, DoubleUnaryOperator x, DoubleUnaryOperator y) {
        double px = x.applyAsDouble(mark.x());
        double py = y.applyAsDouble(mark.y());
        boolean toTheLeft = px > (LEFT + WIDTH) / 2.0;
        svg.open("g", "class", "mark");
        line(svg, px, TOP, px, HEIGHT - BOTTOM);
        svg.empty("circle", "cx", n(px), "cy", n(py), "r", "4.5");
        double labelY = py > (TOP + HEIGHT - BOTTOM) / 2.0 ? TOP + 12 : HEIGHT - BOTTOM - 9;
        label(svg, px + (toTheLeft ? -7 : 7), labelY, toTheLeft ? "end" : "start", mark.label());
        svg.close();
    }

    private void drawTooltips(Markup svg, DoubleUnaryOperator x, DoubleUnaryOperator y) {
        if (numeric) {
            return;
        }
        NavigableMap<Double, List<Point>> columns = new TreeMap<>();
        for (Series s : series) {
            for (int i = 0; i < s.y().length && s.style() != Style.FAINT; i++) {
                if (shows(s.y()[i])) {
                    columns.computeIfAbsent(s.x()[i], k -> new ArrayList<>())
                            .add(new Point(s, s.y()[i]));
                }
            }
        }
        if (columns.size() > MOST_TOOLTIPS) {
            return;
        }
        columns.forEach(
                (at, points) -> {
                    double px = x.applyAsDouble(at);
                    Double before = columns.lowerKey(at);
                    Double after = columns.higherKey(at);
                    double from = before == null ? LEFT : (px + x.applyAsDouble(before)) / 2;
                    double to = after == null ? WIDTH - RIGHT : (px + x.applyAsDouble(after)) / 2;
                    svg.open("g", "class", "tip");
                    svg.leaf("title", tooltip(at, points));
                    svg.empty(
                            "rect",
                            "x",
                            n(from),
                            "y",
                            n(TOP),
                            "width",
                            n(to - from),
                            "height",
                            n(HEIGHT - TOP - BOTTOM));
                    line(svg, px, TOP, px, HEIGHT - BOTTOM);
                    for (Point p : points) {
                        dot(svg, p.series().style(), px, y.applyAsDouble(p.y()), 3.5);
                    }
                    svg.close();
                });
    }

    private String tooltip(double at, List<Point> points) {
        StringBuilder text = new StringBuilder(xLabel + " " + Numbers.significant(at));
        for (Point p : points) {
            text.append("\n").append(p.series().name()).append(' ');
            text.append(Numbers.significant(p.y())).append(unit);
        }
        return text.toString();
    }

    static void line(Markup svg, double x1, double y1, double x2, double y2) {
        svg.empty("line", "x1", n(x1), "y1", n(y1), "x2", n(x2), "y2", n(y2));
    }

    static void label(Markup svg, double x, double y, String anchor, String text) {
        svg.leaf("text", text, "x", n(x), "y", n(y), "text-anchor", anchor);
    }

    private static void dot(Markup svg, Style style, double x, double y, double radius) {
        String css = "dot " + style.css();
        svg.empty("circle", "class", css, "cx", n(x), "cy", n(y), "r", n(radius));
    }

    /** Formats a coordinate to a tenth of a unit. */
    static String n(double coordinate) {
        return Numbers.plain(Math.round(10 * coordinate) / 10.0);
    }
}
