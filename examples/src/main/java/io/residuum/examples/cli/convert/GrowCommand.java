package io.residuum.examples.cli.convert;

import io.residuum.engine.Backend;
import io.residuum.examples.cli.options.BackendOptions;
import io.residuum.examples.cli.options.ModelArgument;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.WeightsOption;
import io.residuum.model.Growth;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Adds units to a trained network. */
@Command(
        name = "grow",
        description = {
            "Add units to a trained network, to train it further.",
            "",
            "New units are inserted as the identity, so that outputs stay the same to the bit. With"
                    + " --method stack they are copies of the last units, and outputs change.",
            ""
        })
public final class GrowCommand implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Mixin private ModelArgument model;

    @Mixin private WeightsOption weights;

    @Option(
            names = "--units",
            paramLabel = "PART=N",
            required = true,
            description =
                    "Add N units to the end of this part: stage2=+2 or blocks=+4. Repeatable.")
    private Map<String, Integer> units;

    @Option(
            names = "--method",
            paramLabel = "METHOD",
            defaultValue = "IDENTITY",
            description = "First weights of the units: identity or stack. Default: identity")
    private Growth.Method method;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Seed of the random weights inside the units. Default: 0")
    private long seed;

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
            long before = network.cost().parameters();
            Growth.deepen(network, units, method, seed);
            network.save(out);
            output.note("grown    %,d to %,d parameters", before, network.cost().parameters());
        }
        output.note("wrote    " + out);
        return 0;
    }
}
