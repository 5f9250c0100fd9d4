package io.residuum.examples.cli;

import io.residuum.engine.Backend;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Where the weights come from. */
final class WeightsOption {
    private static final long SEED = 0;

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--weights",
            paramLabel = "FILE",
            description =
                    "Take the weights from this safetensors file, whose tensors are named as by"
                            + " residuum show MODEL --names. Default: those saved with the model;"
                            + " a preset or a spec file has none, and gets random ones.")
    private @Nullable Path file;

    /** Builds the network with its weights; the caller closes it. */
    Network open(Model model, Backend backend, Output output) {
        Path weights = find(model);
        if (weights == null) {
            output.warn(
                    "the weights of "
                            + model.label()
                            + " are random (seed "
                            + SEED
                            + "): give trained ones with --weights FILE, or a saved model");
        }
        return open(model.spec(), weights, backend, SEED);
    }

    /** Builds a network, with the weights of a file if there is one; the caller closes it. */
    static Network open(ModelSpec spec, @Nullable Path weights, Backend backend, long seed) {
        Network network = Network.create(spec, backend, seed);
        if (weights != null) {
            try {
                network.loadWeights(weights);
            } catch (RuntimeException e) {
                network.close();
                throw e;
            }
        }
        return network;
    }

    /** The file that the weights come from; null for random ones. */
    @Nullable Path find(Model model) {
        return file == null ? model.weights() : file;
    }

    /** Fails early, before an engine is loaded. */
    void check() {
        if (file != null && !Files.isRegularFile(file)) {
            throw Options.wrong(command, "--weights %s: no such file", file);
        }
    }
}
