package io.residuum.examples.cli.convert;

import io.residuum.engine.Backend;
import io.residuum.examples.cli.options.BackendOptions;
import io.residuum.examples.cli.options.ModelArgument;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.WeightsOption;
import io.residuum.model.Adapters;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Merges the low-rank branches of a model into its weights. */
@Command(
        name = "merge",
        description = {
            "Merge the LoRA or DoRA branches of a model into its weights.",
            "",
            "The merged model has the layers and the speed of the model without branches.",
            ""
        })
public final class MergeCommand implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Mixin private ModelArgument model;

    @Mixin private WeightsOption weights;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            required = true,
            description = "The saved model to write (*.safetensors).")
    private Path out;

    @Mixin private BackendOptions backend;

    @Override
    public Integer call() {
        Output output = Output.of(spec);
        Options.requireSuffix(spec, "--output", out, ".safetensors");
        weights.check();
        ModelSource source = weights.on(model.resolve());
        try (Backend engine = backend.open(output);
                Network network = weights.open(source, engine, output)) {
            Adapters.merge(network);
            network.save(out);
        }
        output.note("wrote    " + out);
        return 0;
    }
}
