package io.residuum.train.report;

import io.residuum.draw.Markup;
import io.residuum.draw.Numbers;
import io.residuum.draw.Section;
import io.residuum.draw.SvgChart;
import io.residuum.draw.SvgChart.Style;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/**
 * Writes the section on loss, accuracy or other measures, learning rate and speed: charts and a
 * table.
 */
final class Curves {
    /**
     * The largest number of points in a curve. Steps are averaged, because more would not be
     * visible.
     */
    private static final int MOST_POINTS = 300;

    /** The ratio of the largest to the smallest value from which an axis is logarithmic. */
    private static final double LOG_FROM = 100;

    private final List<EpochMetrics> epochs;
    private final List<StepLoss> steps;

    private final String unit;
    private final Optional<EpochMetrics> best;
    private final Set<String> measures = new LinkedHashSet<>();

    private Curves(ReportData data) {
        epochs = data.epochs();
        steps = data.stepLosses();
        unit = data.unit();
        best = best(data);
        epochs.forEach(e -> measures.addAll(e.trainMeasures().keySet()));
        epochs.forEach(e -> measures.addAll(e.measures().keySet()));
    }

    static Optional<Section> section(ReportData data) {
        Curves curves = new Curves(data);
        List<SvgChart> charts = curves.charts().stream().filter(chart -> !chart.isEmpty()).toList();
        if (charts.isEmpty()) {
            return Optional.empty();
        }
        Markup body = new Markup().open("div", "class", "charts");
        charts.forEach(chart -> body.open("figure").append(chart.draw()).close());
        body.close();
        if (!data.epochs().isEmpty()) {
            curves.table(body);
        }
        return Optional.of(new Section("curves", "Curves", body));
    }

    /** Returns the best epoch on the validation data. */
    static Optional<EpochMetrics> best(ReportData data) {
        return data.epochs().stream().filter(e -> e.epoch() == data.bestEpoch()).findFirst();
    }

    private List<SvgChart> charts() {
        List<SvgChart> charts = new ArrayList<>();
        if (epochs.isEmpty() && steps.isEmpty()) {
            return charts;
        }
        charts.add(loss());
        if (!epochs.isEmpty()) {
            charts.add(accuracy());
        }
        measures.forEach(name -> charts.add(measure(name)));
        if (epochs.size() > 1 || steps.size() > 1) {
            charts.add(learningRate());
        }
        if (epochs.size() > 1) {
            String speed = unit + " per second";
            charts.add(
                    chart(capitalized(speed))
                            .fromZero()
                            .series(speed, Style.ALONE, x(), of(EpochMetrics::samplesPerSecond)));
        }
        return charts;
    }

    private SvgChart loss() {
        SvgChart chart = chart("Loss");
        if (!steps.isEmpty()) {
            chart.series("batch", Style.FAINT, stepX(), binned(StepLoss::loss));
        }
        if (!epochs.isEmpty()) {
            double[] validation = of(EpochMetrics::validationLoss);
            chart.series("train", Style.SECOND, x(), of(EpochMetrics::trainLoss));
            if (hasValues(validation)) {
                chart.series("validation", Style.MAIN, x(), validation);
            }
        }
        best.ifPresent(e -> mark(chart, e, e.validationLoss(), "epoch " + e.epoch()));
        return spansDecades(losses()) ? chart.log() : chart;
    }

    private double[] losses() {
        DoubleStream train = epochs.stream().mapToDouble(EpochMetrics::trainLoss);
        DoubleStream validation = epochs.stream().mapToDouble(EpochMetrics::validationLoss);
        DoubleStream batches = steps.stream().mapToDouble(StepLoss::loss);
        return DoubleStream.concat(batches, DoubleStream.concat(train, validation)).toArray();
    }

    private SvgChart accuracy() {
        SvgChart chart = chart("Accuracy").unit("%");
        double[] train = of(e -> 100 * e.trainAccuracy());
        double[] validation = of(e -> 100 * e.validationAccuracy());
        if (hasValues(train)) {
            chart.series("train", Style.SECOND, x(), train);
        }
        if (hasValues(validation)) {
            chart.series("validation", Style.MAIN, x(), validation);
        }
        best.ifPresent(
                e -> {
                    String accuracy = Numbers.percent(e.validationAccuracy());
                    String label = "best " + accuracy + " at epoch " + e.epoch();
                    mark(chart, e, 100 * e.validationAccuracy(), label);
                });
        return chart;
    }

    private SvgChart measure(String name) {
        double[] train = of(e -> e.trainMeasure(name));
        double[] values = of(e -> e.measure(name));
        SvgChart chart = chart(capitalized(name));
        if (hasValues(train)) {
            chart.series("train", Style.SECOND, x(), train);
        }
        if (hasValues(values)) {
            chart.series("validation", Style.MAIN, x(), values);
        }
        best.ifPresent(
                e -> {
                    String value = Numbers.significant(e.measure(name));
                    String label = value + " at epoch " + e.epoch();
                    mark(chart, e, e.measure(name), label);
                });
        return spansDecades(concat(train, values)) ? chart.log() : chart;
    }

    private static double[] concat(double[] first, double[] second) {
        return DoubleStream.concat(DoubleStream.of(first), DoubleStream.of(second)).toArray();
    }

    private SvgChart learningRate() {
        double[] x = steps.isEmpty() ? x() : stepX();
        double[] rate =
                steps.isEmpty() ? of(EpochMetrics::learningRate) : binned(StepLoss::learningRate);
        // Steps by powers of ten need a log axis; a smooth decay is easiest to read on a linear
        // one.
        boolean inStairs = Arrays.stream(rate).distinct().count() <= rate.length / 4;
        SvgChart chart = chart("Learning rate").series("learning rate", Style.ALONE, x, rate);
        return inStairs && spansDecades(rate) ? chart.log() : chart.fromZero();
    }

    private SvgChart chart(String title) {
        return new SvgChart(title, epochs.isEmpty() ? "step" : "epoch");
    }

    private static void mark(SvgChart chart, EpochMetrics epoch, double value, String label) {
        if (Double.isFinite(value)) {
            chart.mark(epoch.epoch(), value, label);
        }
    }

    private double[] x() {
        return of(EpochMetrics::epoch);
    }

    private double[] of(ToDoubleFunction<EpochMetrics> value) {
        return epochs.stream().mapToDouble(value).toArray();
    }

    /** Returns the x values of {@link #binned}: epochs, or steps if there are no epochs. */
    private double[] stepX() {
        int last = steps.get(steps.size() - 1).step();
        double epochsPerStep =
                epochs.isEmpty() ? 1 : (double) epochs.get(epochs.size() - 1).epoch() / last;
        return binned(s -> s.step() * epochsPerStep);
    }

    private double[] binned(ToDoubleFunction<StepLoss> value) {
        int size = (steps.size() + MOST_POINTS - 1) / MOST_POINTS;
        double[] means = new double[(steps.size() + size - 1) / size];
        for (int i = 0; i < means.length; i++) {
            int end = Math.min(steps.size(), (i + 1) * size);
            means[i] =
                    steps.subList(i * size, end).stream()
                            .mapToDouble(value)
                            .average()
                            .orElseThrow();
        }
        return means;
    }

    private static boolean hasValues(double[] values) {
        return Arrays.stream(values).anyMatch(Double::isFinite);
    }

    private static boolean spansDecades(double[] values) {
        double[] finite = Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
        return finite.length > 0
                && finite[0] > 0
                && finite[finite.length - 1] / finite[0] >= LOG_FROM;
    }

    /** A column of the table. A column without any known value is omitted. */
    private record Column(
            String head, ToDoubleFunction<EpochMetrics> value, DoubleFunction<String> format) {}

    private List<Column> columns() {
        List<Column> all = new ArrayList<>();
        all.add(new Column("train loss", EpochMetrics::trainLoss, Numbers::significant));
        all.add(new Column("train accuracy", EpochMetrics::trainAccuracy, Numbers::percent));
        all.add(new Column("validation loss", EpochMetrics::validationLoss, Numbers::significant));
        all.add(
                new Column(
                        "validation accuracy", EpochMetrics::validationAccuracy, Numbers::percent));
        measures.forEach(
                n -> {
                    all.add(new Column("train " + n, e -> e.trainMeasure(n), Numbers::significant));
                    all.add(new Column(n, e -> e.measure(n), Numbers::significant));
                });
        all.add(new Column("learning rate", EpochMetrics::learningRate, Numbers::significant));
        all.add(new Column(unit + "/s", EpochMetrics::samplesPerSecond, Numbers::compact));
        all.add(new Column("time", EpochMetrics::seconds, Numbers::duration));
        return all.stream().filter(c -> hasValues(of(c.value()))).toList();
    }

    private void table(Markup body) {
        List<Column> columns = columns();
        body.open("details").leaf("summary", "The metrics of every epoch");
        body.open("div", "class", "wide").open("table", "class", "numbers");
        body.open("thead").open("tr").leaf("th", "epoch", "scope", "col");
        columns.forEach(column -> body.leaf("th", column.head(), "scope", "col"));
        body.close().close().open("tbody");
        for (EpochMetrics e : epochs) {
            body.open("tr", "class", best.filter(e::equals).isPresent() ? "best" : "epoch");
            body.leaf("th", Integer.toString(e.epoch()), "scope", "row");
            for (Column column : columns) {
                body.leaf("td", column.format().apply(column.value().applyAsDouble(e)));
            }
            body.close();
        }
        body.close().close().close().close();
    }

    static String capitalized(String words) {
        return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
    }
}
