package io.residuum.train.report;

import io.residuum.model.Summary;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Linear;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Runs to report on. */
final class Samples {
    static final List<EpochMetrics> EPOCHS =
            List.of(
                    new EpochMetrics(1, 1.75, 0.40, 1.5, 0.50, Map.of(), Map.of(), 0.1, 600, 12.5),
                    new EpochMetrics(
                            2, 1.25, 0.60, 1.1234, 0.8125, Map.of(), Map.of(), 0.05, 640, 12.5),
                    new EpochMetrics(
                            3, 0.75, 0.80, 1.2, 0.75, Map.of(), Map.of(), 0.01, 620, 12.5));

    private Samples() {}

    /** A network of 3 * 8 * 9 + 8 * classes + classes parameters. */
    static ModelSpec spec(int classes) {
        List<LayerSpec> layers =
                List.of(
                        Conv2d.of(8, 3).withName("conv").withBias(false),
                        new GlobalAveragePool("pool"),
                        new Linear("fc", classes));
        InputSpec input = new InputSpec.Image(List.of(3, 16, 16), List.of(), List.of());
        return new ModelSpec("tiny", input, new Sequential("", layers));
    }

    static ReportData run(List<EpochMetrics> epochs, List<StepLoss> steps, long[][] confusion) {
        return run("tiny on noise", epochs, steps, names(confusion.length), confusion);
    }

    static ReportData run(
            String title,
            List<EpochMetrics> epochs,
            List<StepLoss> steps,
            List<String> names,
            long[][] confusion) {
        ModelSpec spec = spec(Math.max(2, names.size()));
        return new ReportData(
                title,
                spec,
                Summary.of(spec),
                "{\"epochs\" : 3}",
                "engine: none",
                "images",
                epochs,
                best(epochs),
                steps,
                new Predictions(names, confusion, List.of()),
                List.of(),
                Map.of());
    }

    /** Returns the epoch with the highest accuracy or else the lowest loss, 0 for none. */
    static int best(List<EpochMetrics> epochs) {
        return epochs.stream()
                .filter(e -> Double.isFinite(e.validationAccuracy()))
                .max(Comparator.comparingDouble(EpochMetrics::validationAccuracy))
                .or(
                        () ->
                                epochs.stream()
                                        .filter(e -> Double.isFinite(e.validationLoss()))
                                        .min(
                                                Comparator.comparingDouble(
                                                        EpochMetrics::validationLoss)))
                .map(EpochMetrics::epoch)
                .orElse(0);
    }

    static List<String> names(int classes) {
        return IntStream.range(0, classes).mapToObj(c -> "class " + c).toList();
    }

    /** Every class has 10 samples, one of which is taken for the next class. */
    static long[][] confusion(int classes) {
        long[][] counts = new long[classes][classes];
        for (int c = 0; c < classes; c++) {
            counts[c][c] = 9;
            counts[c][(c + 1) % classes] = 1;
        }
        return counts;
    }
}
