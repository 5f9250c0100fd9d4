package io.residuum.examples.cli.options;

import io.residuum.model.ClassNames;
import io.residuum.model.ModelFiles;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.RunFolder;
import io.residuum.transformer.family.HuggingFaceConfig;
import io.residuum.weights.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Finds what a user calls a model: a preset, a spec file, the config.json of a model of
 * transformers, a saved model, or the folder of a run.
 */
public final class ModelFinder {
    private final CommandSpec command;
    private final String what;

    /**
     * Creates a finder.
     *
     * @param command that complains
     * @param what the argument or option, for messages
     */
    public ModelFinder(CommandSpec command, String what) {
        this.command = command;
        this.what = what;
    }

    /** Finds and reads it. */
    public Model find(String text) {
        Optional<Preset> preset = Presets.find(text);
        if (preset.isPresent()) {
            return new Model(preset.get().name(), preset.get().spec(), null, List.of());
        }
        Path path = Path.of(text);
        String name = text.toLowerCase(Locale.ROOT);
        if (Files.isDirectory(path)) {
            return folder(path);
        }
        if (name.endsWith(".json")) {
            return new Model(label(path), spec(path), null, List.of());
        }
        if (name.endsWith(".safetensors")) {
            requireFile(path);
            return saved(label(path), path);
        }
        throw unknown(text, path);
    }

    private static ModelSpec spec(Path path) {
        return HuggingFaceConfig.isOne(path)
                ? HuggingFaceConfig.read(path, label(path))
                : SpecJson.standard().readModel(path);
    }

    private RuntimeException unknown(String text, Path path) {
        String found = Files.exists(path) ? "a file that is none of these" : "no such preset";
        return Options.wrong(
                command,
                "%s must be a preset, a spec file (*.json), a saved model (*.safetensors) or the"
                        + " folder of a run, got \"%s\" (%s): the nearest presets are %s",
                what,
                text,
                found,
                String.join(", ", Presets.nearest(text)));
    }

    /** A run that has not ended its first epoch has a spec, and no weights yet. */
    private Model folder(Path path) {
        RunFolder run = new RunFolder(path);
        String label = label(path.toAbsolutePath().normalize());
        if (Files.isRegularFile(run.model())) {
            return saved(label, run.model());
        }
        if (Files.isRegularFile(run.spec())) {
            return new Model(label, SpecJson.standard().readModel(run.spec()), null, List.of());
        }
        throw Options.wrong(
                command,
                "%s: the folder of a run must hold %s, found none: give the folder that residuum"
                        + " train wrote",
                path,
                run.model().getFileName());
    }

    private void requireFile(Path file) {
        if (!Files.isRegularFile(file)) {
            throw Options.wrong(command, "%s: no such file", file);
        }
    }

    private static Model saved(String label, Path file) {
        ModelSpec spec = ModelFiles.readSpec(file);
        try (Safetensors weights = Safetensors.open(file)) {
            String classes = weights.metadata().getOrDefault(ClassNames.METADATA, "[]");
            return new Model(label, spec, file, classNames(classes));
        }
    }

    /** Names that cannot be read are no reason not to use a model. */
    private static List<String> classNames(String json) {
        try {
            return ClassNames.parse(json);
        } catch (SpecException e) {
            return List.of();
        }
    }

    private static String label(Path path) {
        Path file = path.getFileName();
        String name = file == null ? "model" : file.toString();
        return name.replaceFirst("\\.(json|safetensors)$", "");
    }
}
