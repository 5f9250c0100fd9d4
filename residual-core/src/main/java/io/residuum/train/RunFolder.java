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
 * The folder of a training run. Whatever happens, its files are whole: all but {@code
 * metrics.jsonl} are replaced in one step, and what that one has beyond the checkpoint is dropped
 * when the run is resumed.
 *
 * @param path the folder
 */
public record RunFolder(Path path) {

    /**
     * The network, as JSON.
     *
     * @return {@code spec.json}
     */
    public Path spec() {
        return path.resolve(ModelFiles.RUN_SPEC);
    }

    /**
     * How it is trained, as JSON with every default.
     *
     * @return {@code recipe.json}
     */
    public Path recipe() {
        return path.resolve("recipe.json");
    }

    /**
     * What was measured: a JSON object a line, see {@link Metrics}.
     *
     * @return {@code metrics.jsonl}
     */
    public Path metrics() {
        return path.resolve("metrics.jsonl");
    }

    /**
     * Where training goes on from.
     *
     * @return {@code checkpoint-last.safetensors}
     */
    public Path checkpoint() {
        return path.resolve("checkpoint-last.safetensors");
    }

    /**
     * The network after its best epoch, spec inside.
     *
     * @return {@code model.safetensors}
     */
    public Path model() {
        return path.resolve(ModelFiles.RUN_MODEL);
    }

    /**
     * The report.
     *
     * @return {@code report.html}
     */
    public Path report() {
        return path.resolve("report.html");
    }

    /**
     * Whether a run has begun here.
     *
     * @return true if there is a checkpoint
     */
    public boolean holdsRun() {
        return Files.exists(checkpoint());
    }

    /**
     * Reads what was measured.
     *
     * @return the lines in order
     * @throws SpecException if a line is none of {@link Metrics}; a last line that is cut short is
     *     left out
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
            throw new UncheckedIOException(path + ": cannot be made a folder: " + e, e);
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

    /** Drops what was measured after an epoch. */
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
