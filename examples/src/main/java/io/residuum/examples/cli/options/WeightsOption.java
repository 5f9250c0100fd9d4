package io.residuum.examples.cli.options;

import io.residuum.engine.Backend;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.weights.dialect.ImportPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Where the weights come from. */
public final class WeightsOption {
    private static final long SEED = 0;

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--weights",
            paramLabel = "FILE",
            description =
                    "Take the weights from this file: safetensors, PyTorch (.pt, .pth, .bin) or"
                            + " llama2.c, named by us or by another library. Default: those saved"
                            + " with the model; a preset or a spec file has none, and gets random"
                            + " ones.")
    private @Nullable Path file;

    @Mixin private DialectOption dialect;

    /** Gives a model the weights that were asked for. */
    public ModelSource on(ModelSource model) {
        ModelSource chosen = file == null ? model : model.withWeights(file);
        return chosen.weights().isEmpty() ? chosen : dialect.on(chosen);
    }

    /** Builds the network with its weights; the caller closes it. */
    public Network open(ModelSource model, Backend backend, Output output) {
        if (model.weights().isEmpty()) {
            output.warn(
                    "the weights of "
                            + model.label()
                            + " are random (seed "
                            + SEED
                            + "): give trained ones with --weights FILE, or a saved model");
        }
        return open(model, backend, SEED, output);
    }

    /** Builds the network with its weights, or random ones of a seed; the caller closes it. */
    public Network open(ModelSource model, Backend backend, long seed, Output output) {
        return model.open(backend, seed, plan -> report(plan, output));
    }

    /** Reports how weights are read. */
    public void report(ImportPlan plan, Output output) {
        if (file != null) {
            output.note(
                    "weights  %s: %d tensors by the names of %s"
                            .formatted(file, plan.matched().size(), plan.dialect().name()));
        }
        plan.resized().forEach((path, how) -> output.note("         " + path + ": " + how));
    }

    /** Fails early, before an engine is loaded. */
    public void check() {
        if (file != null && !Files.exists(file)) {
            throw Options.wrong(command, "--weights %s: no such file", file);
        }
    }
}
