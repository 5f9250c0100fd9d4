package io.residuum.train.study;

import io.residuum.draw.SvgChart;
import io.residuum.spec.Check;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/**
 * The training loss over rising learning rates.
 *
 * @param points the steps, in order of the rate; not empty
 */
public record LearningRateCurve(List<Point> points) {
    private static final int FIRST_SHARE = 10;

    /**
     * One step.
     *
     * @param learningRate the learning rate
     * @param loss the loss of the batch before the step
     * @param smoothed the exponential mean of the losses so far
     */
    public record Point(double learningRate, double loss, double smoothed) {}

    public LearningRateCurve {
        points = List.copyOf(points);
        Check.that(!points.isEmpty(), "a curve must have a point, got none");
    }

    /**
     * {@return the learning rate at which the smoothed loss falls fastest per decade, before its
     * minimum; empty if it never falls} The first tenth of the steps, where the mean is young, does
     * not count.
     */
    public OptionalDouble suggestion() {
        int lowest = 0;
        for (int i = 1; i < points.size(); i++) {
            lowest = points.get(i).smoothed < points.get(lowest).smoothed ? i : lowest;
        }
        double steepest = 0;
        OptionalDouble rate = OptionalDouble.empty();
        for (int i = Math.max(1, points.size() / FIRST_SHARE); i < lowest; i++) {
            Point before = points.get(i - 1);
            Point after = points.get(i + 1);
            double slope =
                    (after.smoothed - before.smoothed)
                            / Math.log(after.learningRate / before.learningRate);
            if (slope < steepest) {
                steepest = slope;
                rate = OptionalDouble.of(points.get(i).learningRate);
            }
        }
        return rate;
    }

    /** {@return the curve as an SVG file, with the suggestion marked} */
    public String svg() {
        double[] rates = values(Point::learningRate);
        SvgChart chart =
                new SvgChart("Training loss", "learning rate")
                        .series("batch", SvgChart.Style.FAINT, rates, values(Point::loss))
                        .series("smoothed", SvgChart.Style.MAIN, rates, values(Point::smoothed))
                        .logX()
                        .standalone();
        suggestion()
                .ifPresent(
                        rate ->
                                points.stream()
                                        .filter(p -> p.learningRate == rate)
                                        .findFirst()
                                        .ifPresent(
                                                p ->
                                                        chart.mark(
                                                                rate,
                                                                p.smoothed,
                                                                "%.2g".formatted(rate))));
        return chart.draw().toString();
    }

    private double[] values(ToDoubleFunction<Point> part) {
        return points.stream().mapToDouble(part).toArray();
    }
}
