package io.residuum.examples.cli.convert;

import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.Output;
import io.residuum.model.Growth;
import io.residuum.model.Network;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Adds units to a trained network. */
@Command(
        name = "grow",
        description = {
            "Add units to a trained network, to train it further.",
            "",
            "New units are inserted as the identity, so that outputs stay the same to the bit. With"
                    + " --method stack they are copies of the last units, and outputs change.",
            ""
        },
        footer = {"  residuum grow runs/first --units stage2=+2 -o deeper.safetensors"})
@HelpSection("Weights and export")
public final class GrowCommand extends ChangeCommand {

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

    @Override
    void change(Network network, Output output) {
        long before = network.cost().parameters();
        Growth.deepen(network, units, method, seed);
        output.note("grown    %,d to %,d parameters", before, network.cost().parameters());
    }
}
