package io.residuum.examples.cli.convert;

import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.Output;
import io.residuum.model.Adapters;
import io.residuum.model.Network;
import picocli.CommandLine.Command;

/** Merges the low-rank branches of a model into its weights. */
@Command(
        name = "merge",
        description = {
            "Merge the LoRA or DoRA branches of a model into its weights.",
            "",
            "The merged model has the layers and the speed of the model without branches.",
            ""
        },
        footer = {"  residuum merge runs/lora -o merged.safetensors"})
@HelpSection("Weights and export")
public final class MergeCommand extends ChangeCommand {

    @Override
    void change(Network network, Output output) {
        Adapters.merge(network);
    }
}
