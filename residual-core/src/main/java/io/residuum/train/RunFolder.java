package io.residuum.train;

import io.residuum.files.AtomicFiles;
import io.residuum.model.ModelFiles;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The folder of a training run. Its files are never incomplete: all but {@code metrics.jsonl} are
 * replaced atomically. Resuming drops the lines of {@code metrics.jsonl} after the checkpoint.
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

    /** {@return {@code model.safetensors}, the network after its best epoch, with its spec} */
    public Path model() {
        return path.resolve(ModelFiles.RUN_MODEL);
    }

    /** {@return {@code report.html}} */
    public Path report() {
        return path.resolve("report.html");
    }

    /** {@return true if the folder has a checkpoint} */
    public boolean holdsRun() {
        return Files.exists(checkpoint());
    }

    /**
     * Reads {@code metrics.jsonl}. An incomplete last line is dropped.
     *
     * @return the lines in order
     * @throws SpecException if another line is not one of {@link Metrics}
     */
    public List<Metrics> readMetrics() {
        List<Metrics> read = new ArrayList<>();
        if (!Files.exists(metrics())) {
            return read;
        }
        try {
            List<String> lines = Files.readAllLines(metrics());
            SpecJson json = new SpecJson(List.of());
            for (int i = 0; i < lines.size(); i++) {
                String source = metrics() + ":" + (i + 1);
                try {
                    read.add(json.parse(lines.get(i), source, Metrics.class));
                } catch (SpecException e) {
                    if (i < lines.size() - 1) {
                        throw e;
                    }
                }
            }
            return read;
        } catch (IOException e) {
            throw new UncheckedIOException(metrics() + ": cannot be read: " + e.getMessage(), e);
        }
    }

    void create() {
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": the folder cannot be created: " + e, e);
        }
    }

    void writeSettings(ModelSpec spec, Recipe recipe) {
        writeText(spec(), SpecJson.standard().write(spec));
        writeText(recipe(), SpecJson.standard().writeAll(recipe));
    }

    void append(Metrics line) {
        try {
            Files.writeString(
                    metrics(), text(line), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(metrics() + ": cannot be written: " + e, e);
        }
    }

    /** Drops the lines after an epoch. */
    void truncateMetrics(int epoch) {
        writeText(
                metrics(),
                readMetrics().stream()
                        .filter(m -> m.epoch() <= epoch)
                        .map(RunFolder::text)
                        .collect(Collectors.joining()));
    }

    private static String text(Metrics line) {
        return new SpecJson(List.of()).compact(line) + "\n";
    }

    private static void writeText(Path file, String text) {
        try {
            AtomicFiles.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }
}
