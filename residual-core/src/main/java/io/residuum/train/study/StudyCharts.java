package io.residuum.train.study;

import io.residuum.draw.SvgChart;
import io.residuum.train.Metrics;
import io.residuum.train.study.Variant.Setting;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Draws the curves of a study: the mean of each variant and the range of its seeds. */
final class StudyCharts {
    /** The ratio of the largest to the smallest loss from which an axis is logarithmic. */
    private static final double LOG_FROM = 100;

    private static final double SECONDS = 60;

    private final StudyResult result;
    private final Ranking ranking;
    private final boolean percent;

    StudyCharts(StudyResult result) {
        this.result = result;
        this.ranking = result.ranking();
        this.percent = ranking.measure().endsWith("accuracy");
    }

    /** Returns the measure over epochs as a file; empty if no run has an epoch. */
    Optional<String> file() {
        SvgChart chart = overEpochs(ranking).standalone();
        return chart.isEmpty() ? Optional.empty() : Optional.of(chart.draw().toString());
    }

    /** Returns the charts of the report that are not empty. */
    List<SvgChart> all() {
        List<SvgChart> charts = new ArrayList<>();
        charts.add(overEpochs(ranking));
        charts.add(overTime());
        if (!ranking.measure().equals("loss")) {
            charts.add(overEpochs(new Ranking(ranking.part(), "loss", false)));
        }
        charts.addAll(overRanges());
        charts.removeIf(SvgChart::isEmpty);
        return charts;
    }

    private SvgChart overEpochs(Ranking measure) {
        SvgChart chart = new SvgChart(title(measure.measure()), "epoch");
        draw(chart, measure, curve -> curve.x);
        return chart;
    }

    private SvgChart overTime() {
        SvgChart chart = new SvgChart(title(ranking.measure()) + " over time", "minute").numeric();
        draw(chart, ranking, curve -> curve.minutes);
        return chart;
    }

    private String title(String measure) {
        return measure.substring(0, 1).toUpperCase(Locale.ROOT) + measure.substring(1);
    }

    private interface Horizontal {
        double[] of(Curve curve);
    }

    private void draw(SvgChart chart, Ranking measure, Horizontal x) {
        boolean shares = measure.measure().endsWith("accuracy");
        double scale = shares ? 100 : 1;
        List<Double> all = new ArrayList<>();
        int colour = 0;
        for (VariantResult variant : result.variants()) {
            Curve train = Curve.of(variant, e -> scale * measure.train(e));
            Curve validation = Curve.of(variant, e -> scale * measure.validation(e));
            boolean validated = DoubleStream.of(validation.mean).anyMatch(Double::isFinite);
            Curve main = validated ? validation : train;
            if (main.x.length > 0) {
                if (variant.runs().size() > 1) {
                    chart.band(colour, x.of(main), main.low, main.high);
                }
                if (validated) {
                    chart.faint(colour, x.of(train), train.mean);
                }
                chart.series(variant.variant().name(), colour, x.of(main), main.mean);
                DoubleStream.of(train.mean).forEach(all::add);
                DoubleStream.of(validation.mean).forEach(all::add);
            }
            colour++;
        }
        if (shares) {
            chart.unit("%");
        } else if (spansDecades(all)) {
            chart.log();
        }
    }

    private static boolean spansDecades(List<Double> values) {
        double[] finite = values.stream().mapToDouble(v -> v).filter(Double::isFinite).toArray();
        double least = DoubleStream.of(finite).min().orElse(0);
        return least > 0 && DoubleStream.of(finite).max().orElse(0) / least >= LOG_FROM;
    }

    /** Returns the measure over each range of a search. */
    private List<SvgChart> overRanges() {
        List<SvgChart> charts = new ArrayList<>();
        List<Setting> drawn =
                result.variants().get(0).variant().settings().stream()
                        .filter(s -> s.range() != null)
                        .toList();
        for (Setting setting : drawn) {
            List<VariantResult> known =
                    result.variants().stream()
                            .filter(v -> v.spread(ranking.key()).isPresent())
                            .filter(v -> !v.variant().setting(setting.path()).isEmpty())
                            .sorted(
                                    Comparator.comparingDouble(
                                            v -> number(v.variant(), setting.path())))
                            .toList();
            double scale = percent ? 100 : 1;
            SvgChart chart =
                    new SvgChart(title(ranking.key()) + " by " + setting.key(), setting.key());
            Range range = setting.range();
            if (range != null && range.scale() == Range.Scale.LOG) {
                chart.logX();
            } else {
                chart.numeric();
            }
            chart.series(
                    title(ranking.key()) + " by " + setting.key(),
                    SvgChart.Style.POINTS,
                    known.stream().mapToDouble(v -> number(v.variant(), setting.path())).toArray(),
                    known.stream()
                            .mapToDouble(v -> scale * v.spread(ranking.key()).orElseThrow().mean())
                            .toArray());
            charts.add(percent ? chart.unit("%") : chart);
        }
        return charts;
    }

    private static double number(Variant variant, String path) {
        return Double.parseDouble(variant.setting(path));
    }

    /** The mean over seeds after each epoch, and the least and greatest value. */
    private record Curve(double[] x, double[] minutes, double[] mean, double[] low, double[] high) {
        static Curve of(VariantResult variant, ToDoubleFunction<Metrics.Epoch> value) {
            int epochs =
                    variant.runs().stream().mapToInt(run -> run.curve().size()).max().orElse(0);
            Curve curve =
                    new Curve(
                            IntStream.rangeClosed(1, epochs).asDoubleStream().toArray(),
                            new double[epochs],
                            new double[epochs],
                            new double[epochs],
                            new double[epochs]);
            for (int i = 0; i < epochs; i++) {
                int epoch = i;
                List<RunResult> there =
                        variant.runs().stream().filter(run -> run.curve().size() > epoch).toList();
                curve.minutes[i] =
                        there.stream()
                                        .mapToDouble(run -> seconds(run, epoch))
                                        .average()
                                        .orElseThrow()
                                / SECONDS;
                double[] values =
                        there.stream()
                                .mapToDouble(run -> value.applyAsDouble(run.curve().get(epoch)))
                                .toArray();
                curve.mean[i] = DoubleStream.of(values).average().orElseThrow();
                curve.low[i] = DoubleStream.of(values).min().orElseThrow();
                curve.high[i] = DoubleStream.of(values).max().orElseThrow();
            }
            return curve;
        }

        private static double seconds(RunResult run, int epoch) {
            return run.curve().subList(0, epoch + 1).stream()
                    .mapToDouble(Metrics.Epoch::seconds)
                    .sum();
        }
    }
}
