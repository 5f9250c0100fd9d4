package io.residuum.examples.cli.convert;

import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.model.Growth;
import io.residuum.model.Network;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Adds units, or hidden units inside them, to a trained network. */
@Command(
        name = "grow",
        description = {
            "Add units to a trained network, to train it further.",
            "",
            "New units are inserted as the identity, so that outputs stay the same to the bit. With"
                    + " --method stack they are copies of the last units, and outputs change.",
            "",
            "--width copies hidden units (Net2WiderNet); outputs stay the same up to rounding.",
            ""
        },
        footer = {
            "  residuum grow runs/first --units stage2=+2 -o deeper.safetensors",
            "  residuum grow gpt --width 'blocks.*.mlp.branch=2048' -o wide.safetensors"
        })
@HelpSection("Weights and export")
public final class GrowCommand extends ChangeCommand {

    @Spec private CommandSpec spec;

    @Option(
            names = "--units",
            paramLabel = "PART=N",
            description =
                    "Add N units to the end of this part: stage2=+2 or blocks=+4. Repeatable.")
    private @Nullable Map<String, Integer> units;

    @Option(
            names = "--width",
            paramLabel = "PATTERN=N",
            description =
                    "Give the linear layers, convolutions and feed-forward networks with this path"
                            + " N hidden units: 'stage1.*.conv1=32'. Repeatable.")
    private @Nullable Map<String, Integer> widths;

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
            description = "Seed of the random weights and shares. Default: 0")
    private long seed;

    @Override
    void change(Network network, Output output) {
        long before = network.cost().parameters();
        if (units == null && widths == null) {
            throw Options.wrong(spec, "give --units PART=N or --width PATTERN=N");
        }
        if (units != null) {
            Growth.deepen(network, units, method, seed);
        }
        if (widths != null) {
            Growth.widen(network, widths, seed);
        }
        output.note("grown    %,d to %,d parameters", before, network.cost().parameters());
    }
}
