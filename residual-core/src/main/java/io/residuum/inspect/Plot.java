package io.residuum.inspect;

import io.residuum.draw.SvgChart;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Curves that a {@link Comparison} can draw for several networks.
 *
 * @param name a short name, for files
 * @param title the title
 * @param xLabel the quantity on the horizontal axis, singular
 * @param log true for a logarithmic vertical axis
 * @param curves the curves; the last is the main one, which a comparison shows of each network
 */
public record Plot(String name, String title, String xLabel, boolean log, List<Curve> curves) {

    /**
     * A curve.
     *
     * @param name its name
     * @param x the horizontal values
     * @param y the vertical values, NaN for gaps
     */
    public record Curve(String name, double[] x, double[] y) {

        /**
         * {@return a curve over 1, 2 and so on}
         *
         * @param y the vertical values
         */
        public static Curve byNumber(String name, double[] y) {
            return new Curve(
                    name, IntStream.rangeClosed(1, y.length).asDoubleStream().toArray(), y);
        }
    }

    public Plot {
        curves = List.copyOf(curves);
    }

    /** {@return the picture; empty if no value can be drawn} */
    Optional<Figure> figure() {
        SvgChart chart = new SvgChart(title, xLabel);
        if (log) {
            chart.log();
        }
        for (int i = 0; i < curves.size(); i++) {
            chart.series(curves.get(i).name, i, curves.get(i).x, curves.get(i).y);
        }
        return chart.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Figure(
                                name, chart.draw(), chart.standalone().draw(), Optional.of(this)));
    }

    /** Returns the main curve of this plot for several networks, by their names. */
    static Plot of(Map<String, Plot> networks) {
        List<Curve> all = new ArrayList<>();
        networks.forEach(
                (network, plot) -> {
                    Curve main = plot.curves.get(plot.curves.size() - 1);
                    all.add(new Curve(network, main.x, main.y));
                });
        Plot first = networks.values().iterator().next();
        return new Plot(first.name, first.title, first.xLabel, first.log, all);
    }
}
