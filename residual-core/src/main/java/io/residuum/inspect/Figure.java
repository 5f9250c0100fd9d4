package io.residuum.inspect;

import io.residuum.draw.HeatMap;
import io.residuum.draw.Markup;
import io.residuum.draw.SvgChart;

/**
 * A picture.
 *
 * @param name a short name, for files
 * @param svg the picture with the colours of a {@link io.residuum.draw.Page}
 * @param standalone the picture with its own colours, for a file
 */
public record Figure(String name, Markup svg, Markup standalone) {

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
     * {@return the picture of a heat map}
     *
     * @param name a short name
     * @param map the map
     */
    public static Figure of(String name, HeatMap map) {
        return new Figure(name, map.draw(), map.standalone().draw());
    }
}
