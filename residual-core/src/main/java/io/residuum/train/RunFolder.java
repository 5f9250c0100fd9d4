package io.residuum.train;

import io.residuum.files.AtomicFiles;
import io.residuum.files.FileErrors;
import io.residuum.files.FolderLock;
import io.residuum.model.ModelFiles;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.weights.WeightsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The folder of a training run. Its files are never incomplete: all but {@code metrics.jsonl} are
 * replaced atomically. Resuming drops the lines of {@code metrics.jsonl} after the checkpoint. A
 * process that trains here locks the folder.
 *
 * @param path the folder
 */
public record RunFolder(Path path) {

    /** {@return {@code spec.json}, the network} */
    public Path spec() {
        return path.resolve(ModelFiles.RUN_SPEC);
    }

    /** {@return {@code recipe.json}, the recipe with every default} */
    public Path recipe() {
        return path.resolve("recipe.json");
    }

    /** {@return {@code metrics.jsonl}, one JSON object per line, see {@link Metrics}} */
    public Path metrics() {
        return path.resolve("metrics.jsonl");
    }

    /** {@return {@code checkpoint-last.safetensors}, from which training resumes} */
    public Path checkpoint() {
        return path.resolve("checkpoint-last.safetensors");
    }

    /**
     * {@return {@code checkpoint-previous.safetensors}, the checkpoint before the last, for a last
     * one that is damaged}
     */
    public Path previousCheckpoint() {
        return path.resolve("checkpoint-previous.safetensors");
    }

    /**
     * {@return the threads of the engine that the run began with; empty if they do not matter or
     * are not known} A resumed run needs as many to end with the same weights, bit for bit: {@link
     * io.residuum.engine.HostSettings#useThreads}.
     */
    public OptionalInt threads() {
        return Stream.of(checkpoint(), previousCheckpoint())
                .filter(Files::exists)
                .mapToInt(RunFolder::threads)
                .filter(number -> number > 0)
                .findFirst();
    }

    private static int threads(Path checkpoint) {
        try {
            return Checkpoint.threads(checkpoint);
        } catch (WeightsException e) {
            return 0; // resuming reports the damage
        }
    }

    /**
     * {@return {@code model.safetensors}, with its spec: the network after its best epoch on the
     * validation data, or after the last epoch if there is none}
     */
    public Path model() {
        return path.resolve(ModelFiles.RUN_MODEL);
    }

    /** {@return {@code report.html}} */
    public Path report() {
        return path.resolve("report.html");
    }

    /** {@return true if the folder has a checkpoint} */
    public boolean holdsRun() {
        return Files.exists(checkpoint()) || Files.exists(previousCheckpoint());
    }

    /**
     * Reads {@code metrics.jsonl}. An incomplete last line is dropped.
     *
     * @return the lines in order
     * @throws SpecException if another line is not one of {@link Metrics}
     */
    public List<Metrics> readMetrics() {
        MetricsFile.Contents contents = metricsFile().read();
        if (!contents.damage().isEmpty()) {
            throw new SpecException(contents.damage().get(0));
        }
        return contents.lines();
    }

    MetricsFile metricsFile() {
        return new MetricsFile(metrics());
    }

    /** Locks the folder against other writers. */
    FolderLock lock(Consumer<String> note) {
        try {
            return FolderLock.acquire(path, note);
        } catch (IOException e) {
            throw new TrainingException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Removes the temporary files of this run's killed processes. The folder must be locked. */
    void removeStale() {
        try {
            for (Path file :
                    List.of(spec(), recipe(), metrics(), checkpoint(), model(), report())) {
                AtomicFiles.removeStale(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    path
                            + ": a temporary file of a killed run cannot be removed: "
                            + FileErrors.reason(e),
                    e);
        }
    }

    void create() {
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    path + ": the folder cannot be created: " + FileErrors.reason(e), e);
        }
    }

    void writeSettings(ModelSpec spec, Recipe recipe) {
        AtomicFiles.writeText(spec(), SpecJson.standard().write(spec));
        AtomicFiles.writeText(recipe(), SpecJson.standard().writeAll(recipe));
    }
}
