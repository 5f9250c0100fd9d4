package io.residuum.examples.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.residuum.model.ModelFiles;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.json.SpecJson;
import io.residuum.weights.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The argument MODEL: a preset, a spec file, a saved model or the folder of a run. */
final class ModelArgument {

    /** The metadata key of a saved model that holds the names of its classes, a JSON array. */
    static final String CLASSES = "residuum.classes";

    /** The saved model in the folder of a run. */
    static final String RUN_MODEL = "model.safetensors";

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            description =
                    "A preset (see residuum models), a spec file (*.json), a saved model"
                            + " (*.safetensors) or the folder of a run.")
    private String text;

    /** Finds and reads it. */
    Model resolve() {
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
            return new Model(label(path), SpecJson.standard().readModel(path), null, List.of());
        }
        if (name.endsWith(".safetensors")) {
            requireFile(path);
            return saved(label(path), path);
        }
        throw unknown(path);
    }

    private RuntimeException unknown(Path path) {
        String found = Files.exists(path) ? "a file that is none of these" : "no such preset";
        return Options.wrong(
                command,
                "MODEL must be a preset, a spec file (*.json), a saved model (*.safetensors) or the"
                        + " folder of a run, got \"%s\" (%s): the nearest presets are %s",
                text,
                found,
                String.join(", ", Presets.nearest(text)));
    }

    private Model folder(Path run) {
        Path model = run.resolve(RUN_MODEL);
        if (!Files.isRegularFile(model)) {
            throw Options.wrong(
                    command,
                    "the folder of a run must hold %s, found none in %s: a run writes it at the end"
                            + " of its first epoch",
                    RUN_MODEL,
                    run);
        }
        return saved(label(run.toAbsolutePath().normalize()), model);
    }

    private void requireFile(Path file) {
        if (!Files.isRegularFile(file)) {
            throw Options.wrong(command, "%s: no such file", file);
        }
    }

    private static Model saved(String label, Path file) {
        ModelSpec spec = ModelFiles.readSpec(file);
        try (Safetensors weights = Safetensors.open(file)) {
            String classes = weights.metadata().getOrDefault(CLASSES, "[]");
            return new Model(label, spec, file, classNames(classes));
        }
    }

    /** Names that cannot be read are no reason not to use a model. */
    private static List<String> classNames(String json) {
        try {
            return List.of(JsonMapper.builder().build().readValue(json, String[].class));
        } catch (JsonProcessingException | NullPointerException e) {
            return List.of();
        }
    }

    private static String label(Path path) {
        Path file = path.getFileName();
        String name = file == null ? "model" : file.toString();
        return name.replaceFirst("\\.(json|safetensors)$", "");
    }
}
