package io.residuum.train.study;

import io.residuum.files.AtomicFiles;
import io.residuum.json.Json;
import io.residuum.metric.Measure;
import io.residuum.model.Cost;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Metrics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The result of a run, {@code result.json} in its folder.
 *
 * @param outcome the way it ended
 * @param epochs the epochs done
 * @param bestEpoch the epoch whose network was tested, 0 for none
 * @param reason why the run diverged; null if it did not
 * @param measures the measures by part and name, such as {@code test accuracy}: those of the
 *     training data after the last epoch, those of the validation data after the best one
 * @param seconds the time of training and validation
 * @param parameters the number of trained values
 * @param macs the multiply-accumulates for one sample
 */
public record RunRecord(
        Outcome outcome,
        int epochs,
        int bestEpoch,
        @Nullable String reason,
        Map<String, Double> measures,
        double seconds,
        long parameters,
        long macs) {
    private static final String FILE = "result.json";
    private static final SpecJson JSON = new SpecJson(List.of());

    /** The way a run ended. */
    public enum Outcome {
        /** The run is complete. */
        FINISHED,
        /** The loss was not finite. */
        DIVERGED,
        /** A search ended it early, since others were better. */
        DROPPED
    }

    public RunRecord {
        measures = Collections.unmodifiableMap(new LinkedHashMap<>(measures));
    }

    /**
     * Collects the measures of a run.
     *
     * @param lines the metrics of the run
     * @param bestEpoch the best epoch, 0 for none
     */
    static RunRecord of(
            Outcome outcome,
            List<Metrics> lines,
            int bestEpoch,
            @Nullable String reason,
            Cost cost) {
        Map<String, Double> measures = new LinkedHashMap<>();
        double seconds = 0;
        int epochs = 0;
        for (Metrics line : lines) {
            if (line instanceof Metrics.Epoch e) {
                epochs = e.epoch();
                seconds += e.seconds();
                put(measures, "train", e.trainLoss(), e.trainAccuracy(), e.trainMeasures());
                if (e.epoch() == bestEpoch || bestEpoch == 0) {
                    put(
                            measures,
                            "validation",
                            e.validationLoss(),
                            e.validationAccuracy(),
                            e.measures());
                }
            } else if (line instanceof Metrics.Test t) {
                put(measures, "test", t.loss(), t.accuracy(), t.measures());
            }
        }
        return new RunRecord(
                outcome,
                epochs,
                bestEpoch,
                reason,
                measures,
                seconds,
                cost.parameters(),
                cost.macs());
    }

    private static void put(
            Map<String, Double> measures,
            String part,
            @Nullable Double loss,
            @Nullable Double accuracy,
            List<Measure> more) {
        if (loss != null && Double.isFinite(loss)) {
            measures.put(part + " loss", loss);
        }
        if (accuracy != null) {
            measures.put(part + " accuracy", accuracy);
        }
        more.forEach(m -> measures.put(part + " " + m.name(), m.value()));
    }

    /** Reads the result of a run; empty if it has none yet. */
    static Optional<RunRecord> read(Path folder) {
        Path file = folder.resolve(FILE);
        return Files.exists(file)
                ? Optional.of(JSON.read(file, RunRecord.class))
                : Optional.empty();
    }

    Json json() {
        return JSON.tree(this);
    }

    void write(Path folder) {
        AtomicFiles.writeText(folder.resolve(FILE), JSON.write(this));
    }
}
