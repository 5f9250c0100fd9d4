package io.residuum.train.report;

import io.residuum.draw.Numbers;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/** Collects the numbers at the top of the page, by label. */
final class Headline {
    private Headline() {}

    static Map<String, String> of(ReportData data) {
        Map<String, String> numbers = new LinkedHashMap<>(data.facts());
        Optional<EpochMetrics> best = Curves.best(data);
        best.map(EpochMetrics::validationAccuracy)
                .filter(Double::isFinite)
                .ifPresentOrElse(
                        a -> numbers.putIfAbsent("Validation accuracy", Numbers.percent(a)),
                        () -> best.ifPresent(e -> losses(e, numbers)));
        numbers.putIfAbsent("Parameters", Numbers.compact(data.summary().total().parameters()));
        numbers.putIfAbsent("MACs", Numbers.compact(data.summary().total().macs()));
        double seconds = finite(data, EpochMetrics::seconds).sum();
        if (seconds > 0) {
            numbers.putIfAbsent("Training time", Numbers.duration(seconds));
        }
        double[] rates = finite(data, EpochMetrics::samplesPerSecond).sorted().toArray();
        if (rates.length > 0) {
            String label = Curves.capitalized(data.unit()) + " per second";
            numbers.putIfAbsent(label, Numbers.compact(rates[rates.length / 2]));
        }
        return numbers;
    }

    private static void losses(EpochMetrics best, Map<String, String> numbers) {
        numbers.putIfAbsent("Validation loss", Numbers.significant(best.validationLoss()));
        best.measures()
                .forEach(
                        (name, value) ->
                                numbers.putIfAbsent(
                                        Curves.capitalized(name), Numbers.significant(value)));
    }

    private static DoubleStream finite(ReportData data, ToDoubleFunction<EpochMetrics> value) {
        return data.epochs().stream().mapToDouble(value).filter(Double::isFinite);
    }
}
