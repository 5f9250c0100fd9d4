package io.residuum.inspect.ablation;

import io.residuum.draw.BarChart;
import io.residuum.draw.SvgChart;
import io.residuum.draw.SvgChart.Style;
import io.residuum.inspect.Figure;
import io.residuum.inspect.Table;
import java.util.List;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * Draws the errors of a {@link Lesion} in percent, or the losses if the task has no error.
 *
 * @param whole the network as it is
 * @param chance equal probabilities
 */
record LesionFigures(ErrorAndLoss whole, ErrorAndLoss chance) {

    private String quantity() {
        return whole.error() == null ? "loss" : "error";
    }

    private String title(String after) {
        return (whole.error() == null ? "Loss" : "Error") + " after " + after;
    }

    private String unit() {
        return whole.error() == null ? "" : "%";
    }

    private double shown(double value) {
        return whole.error() == null ? value : 100 * value;
    }

    private double shown(ErrorAndLoss found) {
        return shown(whole.error() == null ? found.lossOrNaN() : found.errorOrNaN());
    }

    private double[] shown(Table table, String column) {
        return DoubleStream.of(table.numbers(column)).map(this::shown).toArray();
    }

    Figure units(Table table) {
        BarChart chart = new BarChart(title("deleting one unit"), "unit").unit(unit());
        double[] values = shown(table, quantity());
        double[] stages = table.numbers("stage");
        for (int i = 0; i < values.length; i++) {
            List<@Nullable Object> row = table.rows().get(i);
            chart.bar(row.get(0) + " " + row.get(1), values[i], String.valueOf(row.get(6)));
            if (stages[stages.length - 1] > 1 && (i == 0 || stages[i] != stages[i - 1])) {
                chart.beginning(i, "stage " + row.get(2));
            }
        }
        chart.reference("whole network", shown(whole));
        if (Double.isFinite(shown(chance))) {
            chart.reference("chance", shown(chance));
        }
        return Figure.of("units", chart);
    }

    Figure deletions(Table table) {
        // Before the first row no unit is deleted.
        double[] x = after(0, table.numbers("units deleted"));
        double[] mean = after(shown(whole), shown(table, quantity()));
        double[] lowest = after(shown(whole), shown(table, "lowest " + quantity()));
        double[] highest = after(shown(whole), shown(table, "highest " + quantity()));
        SvgChart chart =
                new SvgChart(title("deleting several units"), "unit deleted")
                        .unit(unit())
                        .band(0, x, lowest, highest)
                        .series("mean and range", 0, x, mean);
        double chanceLevel = shown(chance);
        if (Double.isFinite(chanceLevel)) {
            double[] ends = {0, x[x.length - 1]};
            chart.series("chance", 1, ends, new double[] {chanceLevel, chanceLevel});
        }
        return Figure.of("deletions", chart.fromZero());
    }

    private static double[] after(double first, double[] others) {
        return DoubleStream.concat(DoubleStream.of(first), DoubleStream.of(others)).toArray();
    }

    Figure swaps(Table table) {
        SvgChart chart =
                new SvgChart(title("swapping units"), "Kendall's tau of the order")
                        .numeric()
                        .unit(unit())
                        .series(
                                "draws",
                                Style.POINTS,
                                table.numbers("Kendall tau"),
                                shown(table, quantity()))
                        .series(
                                "whole network",
                                Style.SECOND,
                                new double[] {1},
                                new double[] {shown(whole)});
        return Figure.of("swaps", chart.fromZero());
    }
}
