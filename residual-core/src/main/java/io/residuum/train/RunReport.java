package io.residuum.train;

import io.residuum.data.DataSplits;
import io.residuum.data.Image;
import io.residuum.data.ImageSet;
import io.residuum.data.ImageShape;
import io.residuum.engine.Backend;
import io.residuum.model.Summary;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.report.EpochMetrics;
import io.residuum.train.report.Mistake;
import io.residuum.train.report.Report;
import io.residuum.train.report.ReportData;
import io.residuum.train.report.StepLoss;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Collects what a run has left behind into its report. */
final class RunReport {
    private static final int MISTAKES = 48;

    private final ModelSpec spec;
    private final Recipe recipe;
    private final DataSplits data;
    private final Backend backend;

    RunReport(ModelSpec spec, Recipe recipe, DataSplits data, Backend backend) {
        this.spec = spec;
        this.recipe = recipe;
        this.data = data;
        this.backend = backend;
    }

    /** Writes the report of the epochs so far, with the predictions of the best network. */
    void write(RunFolder folder, Evaluation best) {
        List<EpochMetrics> epochs = new ArrayList<>();
        List<StepLoss> steps = new ArrayList<>();
        for (Metrics line : folder.readMetrics()) {
            if (line instanceof Metrics.Epoch e) {
                epochs.add(epoch(e));
            } else if (line instanceof Metrics.Step s) {
                steps.add(new StepLoss(Math.toIntExact(s.step()), s.loss(), s.learningRate()));
            }
        }
        String source = data.description().split(":", 2)[0];
        ReportData report =
                new ReportData(
                        spec.name() + " on " + source,
                        spec,
                        Summary.of(spec),
                        SpecJson.standard().writeAll(recipe),
                        environment() + "Data: " + data.description(),
                        epochs,
                        steps,
                        data.evaluation().classNames(),
                        best.confusion(),
                        mistakes(best),
                        Map.of());
        try {
            Report.write(folder.report(), report);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    private static EpochMetrics epoch(Metrics.Epoch e) {
        Double loss = e.validationLoss();
        return new EpochMetrics(
                e.epoch(),
                e.trainLoss(),
                e.trainAccuracy(),
                loss == null ? Double.NaN : loss,
                e.validationAccuracy(),
                e.learningRate(),
                e.imagesPerSecond(),
                e.seconds());
    }

    private String environment() {
        return "Engine: %s%nJava: %s%nSystem: %s %s, %d processors%n"
                .formatted(
                        backend,
                        Runtime.version(),
                        System.getProperty("os.name"),
                        System.getProperty("os.arch"),
                        Runtime.getRuntime().availableProcessors());
    }

    private List<Mistake> mistakes(Evaluation best) {
        ImageSet set = data.evaluation();
        ImageShape shape = set.shape();
        List<Mistake> mistakes = new ArrayList<>();
        Image image = new Image();
        for (int i : Arrays.stream(best.mistakes()).limit(MISTAKES).toArray()) {
            set.read(i, image);
            mistakes.add(
                    Mistake.ofPlanes(
                            Arrays.copyOf(image.values(), shape.length()),
                            shape.channels(),
                            shape.height(),
                            shape.width(),
                            set.classNames().get(best.label(i)),
                            set.classNames().get(best.prediction(i)),
                            best.probability(i)));
        }
        return mistakes;
    }
}
