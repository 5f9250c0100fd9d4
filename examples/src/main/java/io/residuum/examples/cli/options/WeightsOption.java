package io.residuum.examples.cli.options;

import io.residuum.engine.Backend;
import io.residuum.model.Network;
import io.residuum.nn.Layer;
import io.residuum.spec.ModelSpec;
import io.residuum.weights.StateDict;
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

    /** Builds the network with its weights; the caller closes it. */
    public Network open(Model model, Backend backend, Output output) {
        Path weights = find(model);
        if (weights == null) {
            output.warn(
                    "the weights of "
                            + model.label()
                            + " are random (seed "
                            + SEED
                            + "): give trained ones with --weights FILE, or a saved model");
        }
        return open(model.spec(), weights, backend, SEED, output);
    }

    /** Builds a network, with the weights of a file if there is one; the caller closes it. */
    public Network open(
            ModelSpec spec, @Nullable Path weights, Backend backend, long seed, Output output) {
        Network network = Network.create(spec, backend, seed);
        if (weights != null) {
            try {
                load(network, weights, output);
            } catch (RuntimeException e) {
                network.close();
                throw e;
            }
        }
        return network;
    }

    private void load(Network network, Path weights, Output output) {
        try (StateDict tensors = tensors(weights)) {
            network.loadValues(plan(network.block(), tensors, weights, output).values());
        }
    }

    /** Opens a file of weights; the caller closes it. */
    public StateDict tensors(Path weights) {
        return dialect.open(weights);
    }

    /**
     * Finds the weights of a network, all of them, in an open file, and says what was found.
     *
     * @throws io.residuum.weights.WeightsException if the file has others than the network needs
     */
    public ImportPlan plan(Layer block, StateDict tensors, Path weights, Output output) {
        ImportPlan plan = dialect.dialects().plan(block, tensors);
        plan.require(path -> false, name -> false);
        if (file != null) {
            output.note(
                    "weights  %s: %d tensors by the names of %s"
                            .formatted(weights, plan.matched().size(), plan.dialect().name()));
        }
        plan.resized().forEach((path, how) -> output.note("         " + path + ": " + how));
        return plan;
    }

    /** The file that the weights come from; null for random ones. */
    @Nullable
    public Path find(Model model) {
        return file == null ? model.weights() : file;
    }

    /** Fails early, before an engine is loaded. */
    public void check() {
        if (file != null && !Files.exists(file)) {
            throw Options.wrong(command, "--weights %s: no such file", file);
        }
    }
}
