package io.residuum.examples.cli.convert;

import io.residuum.engine.Backend;
import io.residuum.examples.cli.options.BackendOptions;
import io.residuum.examples.cli.options.ModelArgument;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.WeightsOption;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command that changes a model and saves it. */
abstract class ChangeCommand implements Callable<Integer> {

    @Spec private CommandSpec command;

    @Mixin private ModelArgument model;

    @Mixin private WeightsOption weights;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            required = true,
            description = "The saved model to write (*.safetensors).")
    private Path out;

    @Mixin private BackendOptions backend;

    /** Changes the network that is saved next. */
    abstract void change(Network network, Output output);

    @Override
    public final Integer call() {
        Output output = Output.of(command);
        Options.requireSuffix(command, "--output", out, ".safetensors");
        weights.check();
        ModelSource source = weights.on(model.resolve());
        try (Backend engine = backend.open(output);
                Network network = weights.open(source, engine, output)) {
            change(network, output);
            network.save(out);
        }
        output.note("wrote    " + out);
        return 0;
    }
}
