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
    private static final int PLOT = 220;
    private static final int LEFT = 52;
    private static final int RIGHT = 14;
    private static final int TOP = 40;
    private static final int BOTTOM = 40;
    private static final int MOST_TOOLTIPS = 400;

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

    private record Mark(double x, double y, String label) {}

    private record Point(Series series, double y) {}

    private static final String[] NONE = {};
    private static final double[] NO_VALUES = {};

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
    private int top;
    private int bottom;

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
        Series.Form form = style == Style.POINTS ? Series.Form.POINTS : Series.Form.LINE;
        return add(new Series(name, form, style.css(), NONE, NONE, x, y, NO_VALUES));
    }

    /** Adds a curve in one of any number of colours, which are equal for equal numbers from 0. */
    public SvgChart series(String name, int colour, double[] x, double[] y) {
        String[] line = Palette.line(colour);
        return add(
                new Series(
                        name, Series.Form.LINE, "", line, Palette.fill(colour), x, y, NO_VALUES));
    }

    /** Adds a dashed, faint curve in one of any number of colours, without a name. */
    public SvgChart faint(int colour, double[] x, double[] y) {
        String[] line = Palette.faint(colour);
        return add(
                new Series("", Series.Form.LINE, "", line, Palette.fill(colour), x, y, NO_VALUES));
    }

    /** Adds an area between two curves in one of any number of colours, without a name. */
    public SvgChart band(int colour, double[] x, double[] low, double[] high) {
        checkArgument(
                low.length == high.length,
                "low and high must have the same length, got %s and %s",
                low.length,
                high.length);
        return add(new Series("", Series.Form.BAND, "", Palette.band(colour), NONE, x, low, high));
    }

    private SvgChart add(Series added) {
        checkArgument(
                added.x().length == added.y().length,
                "x and y must have the same length, got %s and %s",
                added.x().length,
                added.y().length);
        series.add(added);
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
        Legend legend = new Legend(series, title, LEFT, WIDTH - RIGHT);
        top = TOP + legend.height();
        bottom = top + PLOT;
        Markup svg = Svg.open(title + " over " + xLabel + "s", WIDTH, bottom + BOTTOM);
        if (standalone) {
            svg.style(Palette.STANDALONE);
        }
        Axis xAxis = xAxis();
        Axis yAxis = yAxis();
        DoubleUnaryOperator x = v -> LEFT + xAxis.at(v) * (WIDTH - LEFT - RIGHT);
        DoubleUnaryOperator y = v -> bottom - yAxis.at(v) * (bottom - top);
        drawGrid(svg, xAxis, yAxis);
        svg.open("g", "class", "legend");
        Svg.title(svg, title);
        legend.draw(svg);
        svg.close();
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
        return series.stream().flatMapToDouble(Series::values).filter(this::shows);
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
        yAxis.drawUpright(svg, LEFT, WIDTH - RIGHT, bottom, bottom - top, unit);
        for (Axis.Tick tick : xAxis.ticks()) {
            double x = LEFT + tick.at() * (WIDTH - LEFT - RIGHT);
            Svg.line(svg, x, bottom, x, bottom + 4);
            Svg.label(svg, x, bottom + 18, "middle", tick.label());
        }
        Svg.label(svg, (WIDTH + LEFT - RIGHT) / 2.0, bottom + BOTTOM - 4, "middle", xLabel);
        svg.close();
    }

    private void drawCurve(Markup svg, Series s, DoubleUnaryOperator x, DoubleUnaryOperator y) {
        if (s.form() == Series.Form.POINTS) {
            for (int i = 0; i < s.y().length; i++) {
                if (shows(s.y()[i])) {
                    s.dot(svg, x.applyAsDouble(s.x()[i]), y.applyAsDouble(s.y()[i]), 2.2);
                }
            }
            return;
        }
        StringBuilder path = new StringBuilder();
        int begin = 0;
        for (int i = 0; i <= s.y().length; i++) {
            if (i < s.y().length && shows(s, i)) {
                continue;
            }
            if (i - begin == 1 && s.form() == Series.Form.LINE) {
                s.dot(svg, x.applyAsDouble(s.x()[begin]), y.applyAsDouble(s.y()[begin]), 3.5);
            } else if (i - begin > 1) {
                String command = "M";
                for (int j = begin; j < i; j++, command = "L") {
                    append(path, command, x.applyAsDouble(s.x()[j]), y.applyAsDouble(s.y()[j]));
                }
                if (s.form() == Series.Form.BAND) {
                    for (int j = i - 1; j >= begin; j--) {
                        append(path, "L", x.applyAsDouble(s.x()[j]), y.applyAsDouble(s.top()[j]));
                    }
                    path.append('Z');
                }
            }
            begin = i + 1;
        }
        if (path.length() > 0) {
            s.draw(svg, path.toString());
        }
    }

    private boolean shows(Series s, int i) {
        return shows(s.y()[i]) && (s.form() != Series.Form.BAND || shows(s.top()[i]));
    }

    private static void append(StringBuilder path, String command, double x, double y) {
        path.append(command).append(Svg.n(x)).append(' ').append(Svg.n(y));
    }

    private void drawMark(Markup svg, Mark mark, DoubleUnaryOperator x, DoubleUnaryOperator y) {
        double px = x.applyAsDouble(mark.x());
        double py = y.applyAsDouble(mark.y());
        boolean toTheLeft = px > (LEFT + WIDTH) / 2.0;
        svg.open("g", "class", "mark");
        Svg.line(svg, px, top, px, bottom);
        svg.empty("circle", "cx", Svg.n(px), "cy", Svg.n(py), "r", "4.5");
        double labelY = py > (top + bottom) / 2.0 ? top + 12 : bottom - 9;
        Svg.label(
                svg, px + (toTheLeft ? -7 : 7), labelY, toTheLeft ? "end" : "start", mark.label());
        svg.close();
    }

    private void drawTooltips(Markup svg, DoubleUnaryOperator x, DoubleUnaryOperator y) {
        if (numeric) {
            return;
        }
        NavigableMap<Double, List<Point>> columns = new TreeMap<>();
        for (Series s : series) {
            for (int i = 0; i < s.y().length && hasTooltips(s); i++) {
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
                    Svg.rect(svg, "class", "area", from, top, to - from, bottom - top).close();
                    Svg.line(svg, px, top, px, bottom);
                    for (Point p : points) {
                        p.series().dot(svg, px, y.applyAsDouble(p.y()), 3.5);
                    }
                    svg.close();
                });
    }

    private static boolean hasTooltips(Series s) {
        return s.isListed() && !s.css().equals(Style.FAINT.css());
    }

    private String tooltip(double at, List<Point> points) {
        StringBuilder text = new StringBuilder(xLabel + " " + Numbers.significant(at));
        for (Point p : points) {
            text.append("\n").append(p.series().name()).append(' ');
            text.append(Numbers.significant(p.y())).append(unit);
        }
        return text.toString();
    }
}
