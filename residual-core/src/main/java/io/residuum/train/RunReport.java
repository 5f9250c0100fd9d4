package io.residuum.train;

import io.residuum.draw.Numbers;
import io.residuum.engine.Backend;
import io.residuum.metric.Measure;
import io.residuum.model.Summary;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.report.EpochMetrics;
import io.residuum.train.report.Predictions;
import io.residuum.train.report.Report;
import io.residuum.train.report.ReportData;
import io.residuum.train.report.SampleText;
import io.residuum.train.report.StepLoss;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Creates the report of a run.
 *
 * @param spec the network
 * @param recipe the recipe
 * @param task the task
 * @param notes those of the task, which may take long to collect
 * @param backend the engine and device
 */
record RunReport(ModelSpec spec, Recipe recipe, Task task, List<String> notes, Backend backend) {

    /**
     * Writes the report of the epochs so far.
     *
     * @param bestEpoch the best epoch on the validation data, 0 for none
     * @param predictions the predictions that it shows
     */
    void write(RunFolder folder, int bestEpoch, Predictions predictions) {
        List<EpochMetrics> epochs = new ArrayList<>();
        List<StepLoss> steps = new ArrayList<>();
        List<SampleText> samples = new ArrayList<>();
        Map<String, String> facts = new LinkedHashMap<>();
        for (Metrics line : folder.metricsFile().read().lines()) {
            if (line instanceof Metrics.Epoch e) {
                epochs.add(epoch(e));
            } else if (line instanceof Metrics.Step s) {
                steps.add(new StepLoss(Math.toIntExact(s.step()), s.loss(), s.learningRate()));
            } else if (line instanceof Metrics.Test t) {
                facts = facts(t);
            } else if (line instanceof Metrics.Sample s) {
                samples.add(new SampleText(s.epoch(), s.text()));
            }
        }
        String source = task.description().split(":", 2)[0];
        ReportData report =
                new ReportData(
                        spec.name() + " on " + source,
                        spec,
                        Summary.of(spec),
                        SpecJson.standard().writeAll(recipe),
                        environment(),
                        task.unit(),
                        epochs,
                        bestEpoch,
                        steps,
                        predictions,
                        samples,
                        facts);
        try {
            Report.write(folder.report(), report);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    private static Map<String, String> facts(Metrics.Test test) {
        Map<String, String> facts = new LinkedHashMap<>();
        Double accuracy = test.accuracy();
        Double loss = test.loss();
        if (accuracy != null) {
            facts.put("Test accuracy", Numbers.percent(accuracy));
        } else if (loss != null) {
            facts.put("Test loss", Numbers.significant(loss));
        }
        test.measures().forEach(m -> facts.put("Test " + m.name(), Numbers.significant(m.value())));
        return facts;
    }

    private static EpochMetrics epoch(Metrics.Epoch e) {
        Double loss = e.validationLoss();
        Double accuracy = e.validationAccuracy();
        return new EpochMetrics(
                e.epoch(),
                e.trainLoss(),
                accuracy == null && loss != null || e.trainAccuracy() == null
                        ? Double.NaN
                        : e.trainAccuracy(),
                loss == null ? Double.NaN : loss,
                accuracy == null ? Double.NaN : accuracy,
                byName(e.trainMeasures()),
                byName(e.measures()),
                e.learningRate(),
                e.samplesPerSecond(),
                e.seconds());
    }

    private static Map<String, Double> byName(List<Measure> measures) {
        Map<String, Double> values = new LinkedHashMap<>();
        measures.forEach(m -> values.put(m.name(), m.value()));
        return values;
    }

    private String environment() {
        String warnings = notes.stream().map("\nWarning: "::concat).collect(Collectors.joining());
        return "Engine: %s%nJava: %s%nSystem: %s %s, %d processors%nData: %s"
                        .formatted(
                                backend,
                                Runtime.version(),
                                System.getProperty("os.name"),
                                System.getProperty("os.arch"),
                                Runtime.getRuntime().availableProcessors(),
                                task.description())
                + warnings;
    }
}
