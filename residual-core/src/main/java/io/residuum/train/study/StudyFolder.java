package io.residuum.train.study;

import io.residuum.files.AtomicFiles;
import io.residuum.files.FileErrors;
import io.residuum.files.FolderLock;
import io.residuum.model.Summary;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Metrics;
import io.residuum.train.RunFolder;
import io.residuum.train.TrainingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of a study: {@code runs/VARIANT/seed-SEED} for each run, {@code specs/VARIANT.json}
 * for each network, and the files of {@link StudyRunner}.
 *
 * @param path the folder
 */
public record StudyFolder(Path path) {
    private static final Logger LOG = LoggerFactory.getLogger(StudyFolder.class);

    /** {@return {@code plan.json}, the settings that a resumed study must have} */
    public Path plan() {
        return path.resolve(StudyPlan.FILE);
    }

    /** {@return {@code study.json}, all numbers} */
    public Path numbers() {
        return path.resolve("study.json");
    }

    /** {@return {@code report.html}} */
    public Path report() {
        return path.resolve("report.html");
    }

    /** {@return true if the folder has a study} */
    public boolean holdsStudy() {
        return Files.exists(plan());
    }

    /** {@return the folder of a run} */
    public Path run(Variant variant, long seed) {
        return path.resolve("runs").resolve(variant.fileName()).resolve("seed-" + seed);
    }

    /**
     * {@return the spec of a variant's network as it is trained: adapted to the data, with plain
     * layers. It is written when the first run of the variant starts}
     */
    public Path spec(Variant variant) {
        return path.resolve("specs").resolve(variant.fileName() + ".json");
    }

    /**
     * {@return the threads of the engine that the runs of a study began with; empty if they are not
     * known} As {@link RunFolder#threads}.
     */
    public OptionalInt threads(Study study) {
        return study.seeds().stream()
                .flatMap(seed -> study.variants().stream().map(v -> run(v, seed)))
                .flatMapToInt(run -> new RunFolder(run).threads().stream())
                .findFirst();
    }

    void create() {
        try {
            Files.createDirectories(path.resolve("specs"));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    path + ": the folder cannot be created: " + FileErrors.reason(e), e);
        }
    }

    /** Locks the folder against other processes. */
    FolderLock lock() {
        try {
            return FolderLock.acquire(path, LOG::warn);
        } catch (IOException e) {
            throw new TrainingException(String.valueOf(e.getMessage()), e);
        }
    }

    void writeSpec(Variant variant, ModelSpec adapted) {
        AtomicFiles.writeText(spec(variant), SpecJson.standard().write(adapted.expand()));
    }

    /** Returns the record of a run that ends after some epochs although it could continue. */
    RunRecord dropped(StudyRun run, int epochs) {
        ModelSpec spec = SpecJson.standard().readModel(spec(run.variant()));
        return RunRecord.of(
                RunRecord.Outcome.DROPPED,
                List.<Metrics>copyOf(
                        epochs(run).stream().filter(e -> e.epoch() <= epochs).toList()),
                0,
                null,
                Summary.of(spec).total());
    }

    /** Returns the epochs of a run so far. */
    static List<Metrics.Epoch> epochs(StudyRun run) {
        return new RunFolder(run.folder())
                .readMetrics().stream()
                        .flatMap(line -> line instanceof Metrics.Epoch e ? Stream.of(e) : null)
                        .toList();
    }
}
