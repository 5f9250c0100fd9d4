package io.residuum.examples.cli;

import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.Output;
import io.residuum.model.Cost;
import io.residuum.model.Presets;
import io.residuum.spec.Preset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists the presets. Costs follow from the specs, so that no engine is loaded. */
@Command(
        name = "models",
        description = "List the presets: family, parameters, MACs, input shape, source.",
        footer = {"  residuum models", "  residuum models --json"})
@HelpSection("Networks")
final class ModelsCommand implements Callable<Integer> {

    /** The JSON form of one preset. */
    private record Entry(
            String name,
            String family,
            long parameters,
            long macs,
            List<Long> input,
            String citation) {
        static Entry of(Preset preset) {
            Cost cost = Cost.of(preset.spec().newBlock());
            return new Entry(
                    preset.name(),
                    preset.family(),
                    cost.parameters(),
                    cost.macs(),
                    Output.sampleShape(preset.spec().input().batchShape()),
                    preset.citation());
        }

        List<String> cells() {
            return List.of(
                    name,
                    family,
                    Output.grouped(parameters),
                    String.format(Locale.ROOT, "%.3f", macs / 1e9),
                    input.stream().map(String::valueOf).collect(Collectors.joining("x")),
                    citation);
        }
    }

    @Spec private CommandSpec spec;

    @Option(names = "--json", description = "Print a JSON array of objects instead of a table.")
    private boolean json;

    @Override
    public Integer call() {
        Output output = Output.of(spec);
        List<Entry> entries = Presets.all().parallelStream().map(Entry::of).toList();
        if (json) {
            output.json(entries);
            return 0;
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("name", "family", "parameters", "GMACs", "input", "citation"));
        entries.forEach(entry -> rows.add(entry.cells()));
        Output.table(rows, List.of(2, 3)).forEach(output::result);
        return 0;
    }
}
