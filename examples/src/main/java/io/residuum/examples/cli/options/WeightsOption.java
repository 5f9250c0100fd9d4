package io.residuum.examples.cli.options;

import io.residuum.engine.Backend;
import io.residuum.hub.Hub;
import io.residuum.model.ModelFiles;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.ImportPlan;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The option {@code --weights}, and the options for the tensors of the file. */
@HelpSection(HelpSection.WEIGHTS)
public final class WeightsOption {
    private static final long SEED = 0;

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--weights",
            paramLabel = "FILE",
            description =
                    "Load weights from this file: safetensors, PyTorch (.pt, .pth, .bin), GGUF or"
                            + " llama2.c, with the names of Residuum or another library. Also"
                            + " hf:org/model, hf:org/model@revision, hf:org/model/file, and"
                            + " https://..., which are downloaded once. Default: those saved with"
                            + " the model; random ones for a preset or a spec file.")
    private @Nullable String file;

    @Option(
            names = "--adapter",
            paramLabel = "DIR",
            description =
                    "Add an adapter of PEFT: a folder with adapter_config.json, or hf:org/adapter."
                            + " Repeatable. Default: none")
    private List<String> adapters = List.of();

    @Mixin private DialectOption dialect;

    /** {@return the model with the chosen weights} */
    public ModelSource on(ModelSource model) {
        Hub hub = Downloads.hub(Output.of(command));
        ModelSource chosen = file == null ? model : model.withWeights(file, hub);
        for (String adapter : adapters) {
            chosen = chosen.withAdapter(ModelFiles.local(adapter, hub));
        }
        if (chosen.weights().isPresent()) {
            return dialect.on(chosen);
        }
        if (dialect.isGiven()) {
            throw Options.wrong(
                    command,
                    "--dialect, --prefix and the like are for weights, but %s has none; give"
                            + " --weights FILE",
                    model.label());
        }
        return chosen;
    }

    /** {@return true if an option was given} */
    public boolean isGiven() {
        return file != null || dialect.isGiven() || !adapters.isEmpty();
    }

    /** Opens the network and warns if its weights are random; the caller closes it. */
    public Network open(ModelSource model, Backend backend, Output output) {
        if (model.weights().isEmpty()) {
            output.warn(
                    "the weights of "
                            + model.label()
                            + " are random (seed "
                            + SEED
                            + "); use --weights FILE or a saved model");
        }
        return open(model, backend, SEED, output);
    }

    /** Opens the network with its weights, or random ones of a seed; the caller closes it. */
    public Network open(ModelSource model, Backend backend, long seed, Output output) {
        return model.open(backend, seed, plan -> report(plan, output));
    }

    /**
     * Opens a network for training: the model's weights in a spec that fits the data, or random
     * ones; the caller closes it.
     */
    public Network open(
            ModelSource model, ModelSpec spec, Backend backend, long seed, Output output) {
        return model.open(spec, backend, seed, plan -> report(plan, output));
    }

    /** Prints the dialect of the weights, and what was done to names and tensors. */
    public void report(ImportPlan plan, Output output) {
        if (!plan.dialect().name().equals(Dialect.OWN) || file != null) {
            output.note(
                    "weights  %s: %d tensors, dialect %s"
                            .formatted(
                                    plan.file().file(),
                                    plan.matched().size(),
                                    plan.dialect().name()));
        }
        TensorOptions.report(plan, output);
    }

    /** Fails if the file is missing, before an engine is loaded. */
    public void check() {
        if (file != null) {
            Options.requireFileOrRemote(command, "--weights " + file, file);
        }
    }
}
