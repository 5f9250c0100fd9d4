package io.residuum.inspect;

import io.residuum.draw.BarChart;
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
     * {@return the picture of a bar chart}
     *
     * @param name a short name
     * @param chart the chart, not empty
     */
    public static Figure of(String name, BarChart chart) {
        return new Figure(name, chart.draw(), chart.standalone().draw());
    }
}
