package io.residuum.draw;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * A heat map of a matrix, or of a function of two numbers, as SVG: colours with a scale, contour
 * lines on request. Cells without a finite value are gray.
 */
public final class HeatMap {
    private static final int WIDTH = 560;
    private static final int RIGHT = 78;
    private static final int TOP = 34;
    private static final int BOTTOM = 44;
    private static final int MOST_ROWS_HEIGHT = 430;
    private static final int LONGEST_NAME = 26;
    private static final int LEAST_LABEL = 9;
    private static final int MOST_TOOLTIPS = 3000;
    private static final int STEPS = 48;
    private static final int LEVELS_PER_TICK = 3;

    private static final String STYLE =
            Svg.style(
                    """
                    .chart .grid line { stroke: #9ea6af; }
                    .cells .none { fill: #e4e5e3; }
                    .contour { fill: none; stroke: #fff; stroke-opacity: .75; }
                    .contour.dark { stroke: #1c2024; stroke-opacity: .6; }
                    .contour.fine { stroke-width: .4; }
                    .spot { fill: none; stroke: #fff; stroke-width: 2; }
                    """,
                    """
                    .chart .grid line { stroke: #9ea6af; }
                    .cells .none { fill: #2d3339; }
                    """);

    /**
     * One side of the map: names of rows or columns, or a range of numbers.
     *
     * @param label the quantity
     * @param names one name for each row or column; empty for numbers
     * @param low the number of the first row or column
     * @param high the number of the last row or column
     */
    public record Side(String label, List<String> names, double low, double high) {
        public Side {
            names = List.copyOf(names);
        }

        /** {@return a side with names} */
        public static Side of(String label, List<String> names) {
            return new Side(label, names, 0, 0);
        }

        /** {@return a side with evenly spaced numbers} */
        public static Side of(String label, double low, double high) {
            checkArgument(low < high, "low must be below high, got %s and %s", low, high);
            return new Side(label, List.of(), low, high);
        }

        private boolean named() {
            return !names.isEmpty();
        }
    }

    private record Spot(double x, double y) {}

    private final String title;
    private final double[][] values;
    private final Side x;
    private final Side y;
    private final double cell;
    private final double left;
    private boolean log;
    private boolean contours;
    private boolean standalone;
    private double @Nullable [] range;
    private @Nullable Spot spot;

    /**
     * Creates a map.
     *
     * @param values the rows; a side of names begins at the top, a side of numbers at the bottom
     * @param x the columns
     * @param y the rows
     */
    public HeatMap(String title, double[][] values, Side x, Side y) {
        checkArgument(values.length > 0 && values[0].length > 0, "values must not be empty");
        for (double[] row : values) {
            checkArgument(row.length == values[0].length, "rows must have equal lengths");
        }
        checkArgument(!x.named() || x.names().size() == values[0].length, "x must name all");
        checkArgument(!y.named() || y.names().size() == values.length, "y must name all");
        this.title = title;
        this.values = Arrays.stream(values).map(double[]::clone).toArray(double[][]::new);
        this.x = x;
        this.y = y;
        int longest =
                y.names().stream()
                        .mapToInt(name -> Svg.shortened(name, LONGEST_NAME).length())
                        .max()
                        .orElse(0);
        this.left = y.named() ? 24 + 6.3 * longest : 58;
        this.cell =
                Math.min(
                        (WIDTH - left - RIGHT) / values[0].length,
                        (double) MOST_ROWS_HEIGHT / values.length);
    }

    /** Uses a logarithmic scale of colours; values that are not positive are gray. */
    public HeatMap log() {
        this.log = true;
        return this;
    }

    /** Draws lines of equal values at the ticks of the scale, and finer ones. Default: none. */
    public HeatMap contours() {
        this.contours = true;
        return this;
    }

    /** Fixes the values at the ends of the scale. Default: the least and the greatest. */
    public HeatMap range(double low, double high) {
        this.range = new double[] {low, high};
        return this;
    }

    /** Marks a point by a ring; both sides must be numbers. Default: none. */
    public HeatMap mark(double atX, double atY) {
        checkArgument(!x.named() && !y.named(), "a mark needs sides of numbers");
        this.spot = new Spot(atX, atY);
        return this;
    }

    /** Adds colours for a file without a page around it. Default: the page's colours. */
    public HeatMap standalone() {
        this.standalone = true;
        return this;
    }

    private int rows() {
        return values.length;
    }

    private int columns() {
        return values[0].length;
    }

    /** Draws the map. */
    public Markup draw() {
        Markup svg = Svg.open(title, WIDTH, TOP + rows() * cell + BOTTOM);
        if (standalone) {
            svg.style(STYLE);
        }
        Svg.title(svg, title);
        Axis scale = scale();
        drawCells(svg, scale);
        if (contours) {
            drawContours(svg, scale);
        }
        if (spot != null) {
            String cx = Svg.n(columnAt((spot.x - x.low) / (x.high - x.low) * (columns() - 1)));
            String cy = Svg.n(rowAt((spot.y - y.low) / (y.high - y.low) * (rows() - 1)));
            svg.empty("circle", "class", "spot", "cx", cx, "cy", cy, "r", "5");
        }
        drawSides(svg);
        drawScale(svg, scale);
        return svg.close();
    }

    private boolean shows(double value) {
        return Double.isFinite(value) && (!log || value > 0);
    }

    private Axis scale() {
        double[] shown =
                range != null
                        ? range
                        : Arrays.stream(values)
                                .flatMapToDouble(DoubleStream::of)
                                .filter(this::shows)
                                .sorted()
                                .toArray();
        if (shown.length == 0) {
            return Axis.linear(0, 1, 5);
        }
        double low = shown[0];
        double high = shown[shown.length - 1];
        return log && low < high ? Axis.log(low, high) : Axis.linear(low, high, 8);
    }

    /** Returns the middle of a column, which may be a fraction. */
    private double columnAt(double column) {
        return left + (column + 0.5) * cell;
    }

    private double rowAt(double row) {
        return TOP + ((y.named() ? row : rows() - 1 - row) + 0.5) * cell;
    }

    private void drawCells(Markup svg, Axis scale) {
        boolean tooltips = rows() * columns() <= MOST_TOOLTIPS;
        svg.open("g", "class", "cells", "shape-rendering", "crispEdges");
        for (int r = 0; r < rows(); r++) {
            for (int c = 0; c < columns(); c++) {
                boolean shown = shows(values[r][c]);
                Svg.rect(
                        svg,
                        shown ? "fill" : "class",
                        shown ? Viridis.colour(scale.at(values[r][c])) : "none",
                        columnAt(c) - cell / 2,
                        rowAt(r) - cell / 2,
                        cell,
                        cell);
                if (tooltips) {
                    svg.leaf("title", tooltip(r, c));
                }
                svg.close();
            }
        }
        svg.close();
    }

    private String tooltip(int row, int column) {
        return name(y, row, rows())
                + ", "
                + name(x, column, columns())
                + ": "
                + Numbers.significant(values[row][column]);
    }

    private static String name(Side side, int index, int count) {
        return side.named()
                ? side.names.get(index)
                : side.label
                        + " "
                        + Numbers.significant(
                                side.low + (side.high - side.low) * index / Math.max(1, count - 1));
    }

    private void drawContours(Markup svg, Axis scale) {
        List<Axis.Tick> ticks = scale.ticks();
        Contours contours = new Contours(scaled(scale), this::columnAt, this::rowAt);
        for (int i = 0; i + 1 < ticks.size(); i++) {
            double step = (ticks.get(i + 1).at() - ticks.get(i).at()) / LEVELS_PER_TICK;
            for (int j = 0; j < LEVELS_PER_TICK; j++) {
                double level = ticks.get(i).at() + j * step;
                String path = contours.at(level);
                if (level > 0 && !path.isEmpty()) {
                    String css = "contour" + (j > 0 ? " fine" : "") + (level > 0.7 ? " dark" : "");
                    svg.empty("path", "class", css, "d", path);
                }
            }
        }
    }

    /** Returns the values on the scale, NaN where there is none to draw. */
    private double[][] scaled(Axis scale) {
        return Arrays.stream(values)
                .map(
                        row ->
                                DoubleStream.of(row)
                                        .map(v -> shows(v) ? scale.at(v) : Double.NaN)
                                        .toArray())
                .toArray(double[][]::new);
    }

    private void drawSides(Markup svg) {
        double bottom = TOP + rows() * cell;
        double middle = left + columns() * cell / 2;
        svg.open("g", "class", "grid");
        for (Axis.Tick tick : ticks(x, columns())) {
            double at = columnAt(tick.at() * (columns() - 1));
            Svg.line(svg, at, bottom, at, bottom + 4);
            Svg.label(svg, at, bottom + 17, "middle", tick.label());
        }
        for (Axis.Tick tick : ticks(y, rows())) {
            double at = rowAt(tick.at() * (rows() - 1));
            Svg.line(svg, left - 4, at, left, at);
            Svg.label(svg, left - 8, at + 4, "end", tick.label());
        }
        Svg.label(svg, middle, bottom + 36, "middle", x.label());
        if (!y.label().isEmpty()) {
            svg.leaf(
                    "text",
                    y.label(),
                    "transform",
                    "translate(11 " + Svg.n((TOP + bottom) / 2) + ") rotate(-90)",
                    "text-anchor",
                    "middle");
        }
        svg.close();
    }

    /** Returns the labels of a side, without names that have no room. */
    private List<Axis.Tick> ticks(Side side, int count) {
        if (!side.named()) {
            return Axis.linear(side.low, side.high, 8).ticks().stream()
                    .map(t -> new Axis.Tick(at(side, t), t.label()))
                    .filter(t -> t.at() > -1e-9 && t.at() < 1 + 1e-9)
                    .toList();
        }
        boolean below = side == x;
        int room =
                below
                        ? side.names().stream().mapToInt(s -> 7 * s.length() + 4).max().orElse(1)
                        : LEAST_LABEL;
        int step = Math.max(1, (int) Math.ceil(room / cell));
        List<Axis.Tick> ticks = new ArrayList<>();
        for (int i = 0; i < count; i += step) {
            double at = count == 1 ? 0 : i / (count - 1.0);
            ticks.add(new Axis.Tick(at, Svg.shortened(side.names().get(i), LONGEST_NAME)));
        }
        return ticks;
    }

    private static double at(Side side, Axis.Tick tick) {
        return (Double.parseDouble(tick.label()) - side.low) / (side.high - side.low);
    }

    private void drawScale(Markup svg, Axis scale) {
        double height = rows() * cell;
        double bar = left + columns() * cell + 14;
        svg.open("g", "shape-rendering", "crispEdges");
        for (int i = 0; i < STEPS; i++) {
            Svg.rect(
                            svg,
                            "fill",
                            Viridis.colour((i + 0.5) / STEPS),
                            bar,
                            TOP + height * (STEPS - 1 - i) / STEPS,
                            12,
                            height / STEPS + 0.5)
                    .close();
        }
        svg.close().open("g", "class", "grid");
        for (Axis.Tick tick : scale.ticks()) {
            double at = TOP + height * (1 - tick.at());
            Svg.line(svg, bar + 12, at, bar + 16, at);
            Svg.label(svg, bar + 20, at + 4, "start", tick.label());
        }
        svg.close();
    }
}
