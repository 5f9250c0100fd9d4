package io.residuum.examples.cli;

import io.residuum.draw.Level;
import io.residuum.examples.cli.convert.GraphView;
import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.ModelArgument;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.model.Cost;
import io.residuum.model.ModelFiles;
import io.residuum.model.ModelSource;
import io.residuum.model.Summary;
import io.residuum.nn.Layer;
import io.residuum.picture.Picture;
import io.residuum.residual.IdentityCertificate;
import io.residuum.spec.json.SpecJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows a network. Everything follows from the spec, so that no engine is loaded. */
@Command(
        name = "show",
        description = "Show a network: layers, shapes, parameters, MACs.",
        footer = {
            "  residuum show resnet50",
            "  residuum show resnet50 --graph resnet50.svg",
            "  residuum show my-net.json --names"
        })
@HelpSection("Networks")
final class ShowCommand implements Callable<Integer> {
    private static final String STANDARD_OUTPUT = "-";

    /** At most one of these; none for the table. */
    private static final class View {
        @Option(
                names = "--expanded",
                description =
                        "Print the spec as JSON, with families expanded to plain layers. It loads"
                                + " as the same network.")
        private boolean expanded;

        @Option(names = "--json", description = "Print shapes and costs as JSON.")
        private boolean json;

        @Option(
                names = "--names",
                description =
                        "Print the path and shape of each parameter and buffer (saved, but not"
                                + " trained).")
        private boolean names;

        @Option(
                names = "--identity",
                description =
                        "Print for each residual unit whether it starts as the identity, and why or"
                                + " why not.")
        private boolean identity;

        @Option(
                names = "--operations",
                description =
                        "Print the graph of operations, one per line, and the count of each kind.")
        private boolean operations;

        @Option(
                names = "--graph",
                paramLabel = "FILE",
                description = "Draw the network as a picture (*.svg, *.png or *.pdf).")
        private @Nullable Path graph;

        @Option(
                names = "--mermaid",
                paramLabel = "FILE",
                arity = "0..1",
                fallbackValue = STANDARD_OUTPUT,
                description =
                        "Draw the network as a Mermaid flowchart. Without FILE it is printed.")
        private @Nullable String mermaid;

        private boolean hasDepth() {
            return !isGraph() && !expanded && !names && !identity;
        }

        private boolean isGraph() {
            return operations || isDrawing();
        }

        private boolean isDrawing() {
            return graph != null || mermaid != null;
        }
    }

    /** The JSON form of shapes and costs. */
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
                    Output.sampleShape(cost.output()),
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
                    "Levels of layers in the table and in --json. Default: down to residual units")
    private @Nullable Integer depth;

    @Option(
            names = "--level",
            paramLabel = "LEVEL",
            description =
                    "Level of detail of --graph and --mermaid: one box per stage, block, layer or"
                            + " operation. Default: block (branches, shortcuts and merges of"
                            + " residual units)")
    private @Nullable Level level;

    @Override
    public Integer call() throws IOException {
        Output output = Output.of(spec);
        if (depth != null) {
            Options.atLeast(spec, "--depth", depth, 1);
        }
        View chosen = view == null ? new View() : view;
        if (depth != null && !chosen.hasDepth()) {
            throw Options.wrong(
                    spec, "--depth is for the table and --json; use --level for drawings");
        }
        if (chosen.graph != null) {
            String[] suffixes = Picture.SUFFIXES.toArray(String[]::new);
            Options.requireSuffix(spec, "--graph", chosen.graph, suffixes);
        }
        if (chosen.mermaid != null && !chosen.mermaid.equals(STANDARD_OUTPUT)) {
            Options.requireSuffix(
                    spec, "--mermaid", Path.of(chosen.mermaid), ".mmd", ".mermaid", ".md", ".txt");
        }
        if (level != null && !chosen.isDrawing()) {
            throw Options.wrong(
                    spec, "--level is for drawings; use it with --graph FILE or --mermaid");
        }
        ModelSource shown = model.resolve();
        if (chosen.isGraph()) {
            graph(shown, chosen, output);
        } else if (chosen.expanded) {
            output.result(SpecJson.standard().write(shown.spec().expand()).stripTrailing());
        } else if (chosen.names) {
            names(shown.spec().newBlock(), output);
        } else if (chosen.identity) {
            identity(shown.spec().newBlock(), output);
        } else if (chosen.json) {
            output.json(costs(shown));
        } else {
            output.result(summary(shown).toString().stripTrailing());
        }
        return 0;
    }

    private void graph(ModelSource shown, View chosen, Output output) throws IOException {
        GraphView graph = GraphView.of(shown.spec(), level == null ? Level.BLOCK : level);
        if (chosen.graph != null) {
            graph.writePicture(chosen.graph, output);
        } else if (chosen.mermaid == null) {
            graph.printOperations(output);
        } else if (chosen.mermaid.equals(STANDARD_OUTPUT)) {
            graph.printMermaid(output);
        } else {
            graph.writeMermaid(Path.of(chosen.mermaid), output);
        }
    }

    private Summary summary(ModelSource shown) {
        return depth == null ? Summary.of(shown.spec()) : Summary.of(shown.spec(), depth);
    }

    private Costs costs(ModelSource shown) {
        Summary summary = summary(shown);
        Cost total = summary.total();
        return new Costs(
                shown.spec().name(),
                Output.sampleShape(shown.spec().input().batchShape()),
                Output.sampleShape(total.output()),
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

    private static void identity(Layer network, Output output) {
        List<IdentityCertificate> units = IdentityCertificate.of(network);
        for (IdentityCertificate unit : units) {
            String start =
                    switch (unit.start()) {
                        case IDENTITY -> "identity\tat 0: ";
                        case RELU -> "relu\tat 0: ";
                        case OTHER -> "other\t";
                    };
            String path = unit.path().isEmpty() ? "." : unit.path();
            output.result(path + "\t" + start + String.join(", ", unit.reasons()));
        }
        long certain =
                units.stream().filter(u -> u.start() == IdentityCertificate.Start.IDENTITY).count();
        output.result(
                "%d of %d residual units start as the identity".formatted(certain, units.size()));
    }
}
