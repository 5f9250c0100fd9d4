package io.residuum.examples.cli.options;

import io.residuum.hub.RemoteName;
import io.residuum.model.ModelSource;
import io.residuum.model.Presets;
import io.residuum.spec.Preset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The argument MODEL: a preset, a spec file, a saved model or a run folder. */
public final class ModelArgument {

    /** Lists the presets, for completion in a shell. */
    static final class PresetNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Presets.all().stream().map(Preset::name).iterator();
        }
    }

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            completionCandidates = PresetNames.class,
            description =
                    "A preset (see residuum models), a spec file (*.json), a saved model"
                            + " (*.safetensors), a model of llama.cpp (*.gguf), a run folder, or a"
                            + " Hugging Face model: its config.json, its folder with weights, or"
                            + " hf:org/model.")
    private String text;

    /** {@return the model, with its spec read and its warnings printed} */
    public ModelSource resolve() {
        return resolve(text, Output.of(command));
    }

    /** {@return the model of a text, with its spec read and its warnings printed} */
    public static ModelSource resolve(String text, Output output) {
        ModelSource model = ModelSource.of(text, Downloads.hub(output));
        model.warnings().forEach(output::warn);
        return model;
    }

    /** {@return the folder, if MODEL is one} */
    public Optional<Path> runFolder() {
        // Windows would not accept the colon of a remote name.
        return Presets.find(text).isEmpty() && RemoteName.parse(text).isEmpty()
                ? Optional.of(Path.of(text)).filter(Files::isDirectory)
                : Optional.empty();
    }

    /** {@return the argument as typed} */
    public String text() {
        return text;
    }
}
