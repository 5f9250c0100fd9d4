package io.residuum.examples.cli;

import io.residuum.model.Cost;
import io.residuum.model.ModelFiles;
import io.residuum.model.Summary;
import io.residuum.nn.Layer;
import io.residuum.spec.json.SpecJson;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows a network, from its spec alone: no engine is loaded. */
@Command(name = "show", description = "Show a network: layers, shapes, parameters and costs.")
final class ShowCommand implements Callable<Integer> {

    /** One of these, or none for the table. */
    private static final class View {
        @Option(
                names = "--expanded",
                description =
                        "Print the spec as JSON with families written out as plain layers; it loads"
                                + " back to the same network.")
        private boolean expanded;

        @Option(names = "--json", description = "Print the costs as JSON.")
        private boolean json;

        @Option(
                names = "--names",
                description =
                        "Print each parameter's path and shape, and whether it is a buffer (saved,"
                                + " but not trained).")
        private boolean names;
    }

    /** The costs, as JSON shows them. */
    private record Costs(
            String name,
            List<Long> input,
            List<Long> output,
            long parameters,
            long buffers,
            long macs,
            long activationBytes,
            String fingerprint,
            List<Row> layers) {}

    private record Row(
            String name,
            int depth,
            int times,
            String layer,
            List<Long> output,
            long parameters,
            long macs,
            long activationBytes) {
        static Row of(Summary.Row row) {
            Cost cost = row.cost();
            return new Row(
                    row.name(),
                    row.depth(),
                    row.times(),
                    row.what(),
                    Model.sampleShape(cost.output()),
                    cost.parameters(),
                    cost.macs(),
                    cost.activationBytes());
        }
    }

    @Spec private CommandSpec spec;

    @Mixin private ModelArgument model;

    @ArgGroup private @Nullable View view;

    @Option(
            names = "--depth",
            paramLabel = "N",
            description =
                    "How many levels of layers the table and --json show. Default: down to"
                            + " residual units")
    private @Nullable Integer depth;

    @Override
    public Integer call() {
        Output output = Output.of(spec);
        if (depth != null) {
            Options.atLeast(spec, "--depth", depth, 1);
        }
        Model shown = model.resolve();
        View chosen = view == null ? new View() : view;
        if (chosen.expanded) {
            output.result(SpecJson.standard().write(shown.spec().expand()).stripTrailing());
        } else if (chosen.names) {
            names(shown.spec().newBlock(), output);
        } else if (chosen.json) {
            output.json(costs(shown));
        } else {
            output.result(summary(shown).toString().stripTrailing());
        }
        return 0;
    }

    private Summary summary(Model shown) {
        return depth == null ? Summary.of(shown.spec()) : Summary.of(shown.spec(), depth);
    }

    private Costs costs(Model shown) {
        Summary summary = summary(shown);
        Cost total = summary.total();
        return new Costs(
                shown.spec().name(),
                Model.sampleShape(shown.spec().input().batchShape()),
                Model.sampleShape(total.output()),
                total.parameters(),
                total.buffers(),
                total.macs(),
                total.activationBytes(),
                ModelFiles.fingerprint(shown.spec()),
                summary.rows().stream().map(Row::of).toList());
    }

    private static void names(Layer network, Output output) {
        network.namedParameters()
                .forEach(
                        (path, p) -> {
                            String shape = p.getShape().toString().replaceAll("[( )]", "");
                            String buffer = Cost.isBuffer(p) ? "\tbuffer" : "";
                            output.result(path + "\t[" + shape + "]" + buffer);
                        });
    }
}
