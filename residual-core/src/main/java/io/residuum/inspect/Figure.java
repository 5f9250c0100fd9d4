package io.residuum.inspect;

import io.residuum.draw.BarChart;
import io.residuum.draw.HeatMap;
import io.residuum.draw.Markup;
import io.residuum.draw.SvgChart;
import java.util.List;
import java.util.Optional;

/**
 * A picture.
 *
 * @param name a short name, for files
 * @param svg the picture with the colours of a {@link io.residuum.draw.Page}
 * @param standalone the picture with its own colours, for a file
 * @param plot its curves, if a {@link Comparison} shall draw them for several networks
 */
public record Figure(String name, Markup svg, Markup standalone, Optional<Plot> plot) {

    /**
     * Creates a picture that is not compared between networks.
     *
     * @param name a short name
     * @param svg the picture with the colours of a page
     * @param standalone the picture with its own colours
     */
    public Figure(String name, Markup svg, Markup standalone) {
        this(name, svg, standalone, Optional.empty());
    }

    /**
     * {@return the picture of a chart}
     *
     * @param name a short name
     * @param chart the chart, not empty
     */
    public static Figure of(String name, SvgChart chart) {
        return new Figure(name, chart.draw(), chart.standalone().draw());
    }

    /**
     * {@return the picture of a bar chart}
     *
     * @param name a short name
     * @param chart the chart, not empty
     */
    public static Figure of(String name, BarChart chart) {
        return new Figure(name, chart.draw(), chart.standalone().draw(), Optional.empty());
    }

    /** {@return the pictures of plots, without those that have no value to draw} */
    public static List<Figure> of(Plot... plots) {
        return List.of(plots).stream().flatMap(plot -> plot.figure().stream()).toList();
    }

    /**
     * {@return the picture of a heat map}
     *
     * @param name a short name
     */
    public static Figure of(String name, HeatMap map) {
        return new Figure(name, map.draw(), map.standalone().draw());
    }
}
