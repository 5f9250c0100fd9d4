package io.residuum.model;

import io.residuum.hub.Hub;
import io.residuum.spec.Preset;
import io.residuum.spec.SpecException;
import io.residuum.weights.Gguf;
import io.residuum.weights.StateDict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** Finds models by what a user calls them. */
final class ModelFinder {
    /** The file of another library's settings in the folder of its model. */
    private static final String CONFIG = "config.json";

    private ModelFinder() {}

    static ModelSource find(String text, Hub hub) {
        // A miss builds every preset.
        Optional<Preset> preset = isPath(text) ? Optional.empty() : Presets.find(text);
        if (preset.isPresent()) {
            return ModelSource.of(preset.get().name(), preset.get().spec());
        }
        return RemoteModel.find(text, hub)
                .map(ModelFinder::remote)
                .orElseGet(() -> find(ModelFiles.path(text)));
    }

    /**
     * {@return true for what no preset is called: an address, or a path with a folder or suffix}
     */
    private static boolean isPath(String text) {
        return text.matches("(?s).*[/\\\\:].*") || !withoutSuffix(text).equals(text);
    }

    /** The weights of a model with its own settings can wait until they are needed. */
    private static ModelSource remote(RemoteModel remote) {
        String label = withoutSuffix(remote.label());
        if (!remote.files().contains(CONFIG) || remote.files().contains(ModelFiles.RUN_SPEC)) {
            remote.download().run();
            return find(remote.path(), label);
        }
        ModelSource described =
                ModelSource.described(label, ModelFiles.read(remote.path().resolve(CONFIG), label));
        return remote.hasWeights()
                ? described.withOwnWeights(remote.path(), remote.download())
                : described;
    }

    static ModelSource find(Path model) {
        return find(
                model,
                label(Files.isDirectory(model) ? model.toAbsolutePath().normalize() : model));
    }

    private static ModelSource find(Path model, String label) {
        String name = model.toString().toLowerCase(Locale.ROOT);
        if (Files.isDirectory(model)) {
            return folder(model, label);
        }
        if (name.endsWith(".json")) {
            return ModelSource.described(label, ModelFiles.read(model, label));
        }
        if (name.endsWith(Gguf.EXTENSION) && Files.isRegularFile(model)) {
            return ModelSource.described(label, ModelFiles.read(model, label))
                    .withOwnWeights(model, () -> {});
        }
        if (!name.endsWith(".safetensors")) {
            throw Files.isRegularFile(model) ? weightsAlone(model) : unknown(model);
        }
        if (!Files.isRegularFile(model)) {
            throw new SpecException(model + ": no such file");
        }
        return ModelSource.saved(label, model);
    }

    private static SpecException unknown(Path model) {
        String accepted =
                "a model must be a preset, a spec file (*.json), a saved model (*.safetensors), a"
                    + " GGUF file or the folder of a run or of transformers, got \"%s\" (no such"
                    + " preset or folder)";
        // A path with folders is no misspelt preset.
        String nearest =
                model.getNameCount() > 1
                        ? ""
                        : ": the nearest presets are "
                                + String.join(", ", Presets.nearest(model.toString()));
        return new SpecException(accepted.formatted(model) + nearest);
    }

    /** Opens the file, so that a file of another format is refused by its name. */
    private static SpecException weightsAlone(Path file) {
        try (StateDict weights = StateDict.open(file)) {
            return new SpecException(
                    "%s: a model must have a network, found %d tensors alone; name the network, and"
                                    .formatted(file, weights.names().size())
                            + " this file as its weights (--weights)");
        }
    }

    /** Finds a run, or a model of another library. */
    private static ModelSource folder(Path folder, String label) {
        Path config = folder.resolve(CONFIG);
        if (Files.isRegularFile(config) && !Files.exists(folder.resolve(ModelFiles.RUN_SPEC))) {
            ModelSource described = ModelSource.described(label, ModelFiles.read(config, label));
            return StateDict.isIn(folder) ? described.withOwnWeights(folder, () -> {}) : described;
        }
        return run(folder, label);
    }

    /** Finds a run. Before its first epoch has finished, it has a spec but no weights. */
    private static ModelSource run(Path folder, String label) {
        Path saved = folder.resolve(ModelFiles.RUN_MODEL);
        if (Files.isRegularFile(saved)) {
            return ModelSource.saved(label, saved);
        }
        Path spec = folder.resolve(ModelFiles.RUN_SPEC);
        if (Files.isRegularFile(spec)) {
            return ModelSource.described(label, ModelFiles.read(spec, label));
        }
        throw new SpecException(
                "%s: the folder of a model must hold %s, or %s of another library, found none: give the"
                                .formatted(folder, ModelFiles.RUN_MODEL, CONFIG)
                        + " folder that residuum train wrote, or one of a Hugging Face model");
    }

    private static String label(Path path) {
        Path file = path.getFileName();
        return withoutSuffix(file == null ? "model" : file.toString());
    }

    private static String withoutSuffix(String name) {
        return name.replaceFirst("\\.(json|safetensors|gguf)$", "");
    }
}
