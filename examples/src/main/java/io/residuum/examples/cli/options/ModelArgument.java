package io.residuum.examples.cli.options;

import io.residuum.model.ModelSource;
import io.residuum.model.Presets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Parameters;

/** The argument MODEL: a preset, a spec file, a saved model or the folder of a run. */
public final class ModelArgument {

    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            description =
                    "A preset (see residuum models), a spec file (*.json), a saved model"
                            + " (*.safetensors), the folder of a run, or the config.json of a"
                            + " model of transformers.")
    private String text;

    /** Finds the model and reads its spec. */
    public ModelSource resolve() {
        return ModelSource.of(text);
    }

    /** The folder of a run, if MODEL is one. */
    public Optional<Path> runFolder() {
        Path path = Path.of(text);
        return Presets.find(text).isEmpty() && Files.isDirectory(path)
                ? Optional.of(path)
                : Optional.empty();
    }

    /** What the user typed. */
    public String text() {
        return text;
    }
}
