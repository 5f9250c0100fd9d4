package io.residuum.examples.cli;

import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.Output;
import io.residuum.model.Cost;
import io.residuum.model.Presets;
import io.residuum.spec.Preset;
import io.residuum.spec.PublishedWeights;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists the presets. Costs follow from the specs, so that no engine is loaded. */
@Command(
        name = "models",
        description = "List the presets: family, parameters, MACs, input shape, weights, source.",
        footer = {"  residuum models", "  residuum models --json"})
@HelpSection("Networks")
final class ModelsCommand implements Callable<Integer> {

    /** The JSON form of published weights. */
    private record Weights(
            String location,
            String licence,
            @Nullable Double accuracy,
            String source,
            @Nullable String sha256) {
        static Weights of(PublishedWeights weights) {
            return new Weights(
                    weights.location(),
                    weights.licence(),
                    weights.accuracy(),
                    weights.source(),
                    weights.sha256().orElse(null));
        }
    }

    /** The JSON form of one preset. */
    private record Entry(
            String name,
            String family,
            long parameters,
            long macs,
            List<Long> input,
            String citation,
            List<Weights> weights) {
        static Entry of(Preset preset, List<Weights> weights) {
            Cost cost = Cost.of(preset.spec().newBlock());
            return new Entry(
                    preset.name(),
                    preset.family(),
                    cost.parameters(),
                    cost.macs(),
                    Output.sampleShape(preset.spec().input().batchShape()),
                    preset.citation(),
                    weights);
        }

        List<String> cells() {
            return List.of(
                    name,
                    family,
                    Output.grouped(parameters),
                    String.format(Locale.ROOT, "%.3f", macs / 1e9),
                    input.stream().map(String::valueOf).collect(Collectors.joining("x")),
                    weights.isEmpty() ? "" : weights.get(0).location(),
                    citation);
        }
    }

    @Spec private CommandSpec spec;

    @Option(names = "--json", description = "Print a JSON array of objects instead of a table.")
    private boolean json;

    @Override
    public Integer call() {
        Output output = Output.of(spec);
        Map<String, List<Weights>> weights =
                Presets.weights().stream()
                        .collect(
                                Collectors.groupingBy(
                                        PublishedWeights::preset,
                                        Collectors.mapping(Weights::of, Collectors.toList())));
        List<Entry> entries =
                Presets.all().parallelStream()
                        .map(p -> Entry.of(p, weights.getOrDefault(p.name(), List.of())))
                        .toList();
        if (json) {
            output.json(entries);
            return 0;
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("name", "family", "parameters", "GMACs", "input", "weights", "citation"));
        entries.forEach(entry -> rows.add(entry.cells()));
        Output.table(rows, List.of(2, 3)).forEach(output::result);
        return 0;
    }
}
