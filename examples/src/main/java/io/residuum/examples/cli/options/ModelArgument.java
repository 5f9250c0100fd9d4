package io.residuum.examples.cli.options;

import io.residuum.model.ModelSource;
import io.residuum.model.Presets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Parameters;

/** The argument MODEL: a preset, a spec file, a saved model or a run folder. */
public final class ModelArgument {

    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            description =
                    "A preset (see residuum models), a spec file (*.json), a saved model"
                            + " (*.safetensors), a run folder, or the config.json of a Hugging"
                            + " Face model.")
    private String text;

    /** {@return the model, with its spec read} */
    public ModelSource resolve() {
        return ModelSource.of(text);
    }

    /** {@return the run folder, if MODEL is one} */
    public Optional<Path> runFolder() {
        Path path = Path.of(text);
        return Presets.find(text).isEmpty() && Files.isDirectory(path)
                ? Optional.of(path)
                : Optional.empty();
    }

    /** {@return the argument as typed} */
    public String text() {
        return text;
    }
}
