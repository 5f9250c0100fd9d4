package io.residuum.examples.cli.convert;

import io.residuum.draw.Diagram;
import io.residuum.draw.Level;
import io.residuum.draw.MermaidText;
import io.residuum.examples.cli.options.Output;
import io.residuum.files.AtomicFiles;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.trace.Capture;
import io.residuum.model.Cost;
import io.residuum.nn.Layer;
import io.residuum.picture.Picture;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Prints and draws the graph that is captured from a network.
 *
 * @param spec the network
 * @param cost the cost of one sample
 * @param graph the graph of its forward pass
 * @param level the level of detail of drawings
 */
public record GraphView(ModelSpec spec, Cost cost, Graph graph, Level level) {

    public static GraphView of(ModelSpec spec, Level level) {
        Layer network = spec.newBlock();
        Graph graph = GraphInputs.of(network, spec.input()).plain();
        return new GraphView(spec, Cost.of(network), graph, level);
    }

    public void printOperations(Output output) {
        output.result(graph.toString());
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("operation", "times"));
        graph.counts().forEach((name, n) -> rows.add(List.of(name, Output.grouped(n))));
        Output.table(rows, List.of(1)).forEach(output::result);
    }

    /** Returns the picture of the network, with its costs below its name. */
    public Picture picture() {
        String costs =
                "%s parameters, %s MACs"
                        .formatted(Output.grouped(cost.parameters()), Output.grouped(cost.macs()));
        return Picture.of(diagram(), spec.name(), costs);
    }

    public void writePicture(Path file, Output output) throws IOException {
        picture().write(file);
        output.note("wrote    " + file);
    }

    public void writeMermaid(Path file, Output output) throws IOException {
        AtomicFiles.writeString(file, mermaid(output));
        output.note("wrote    " + file);
    }

    public void printMermaid(Output output) {
        output.result(mermaid(output).stripTrailing());
    }

    private String mermaid(Output output) {
        Diagram diagram = diagram();
        String title =
                "%s: %s parameters, %s MACs"
                        .formatted(
                                spec.name(),
                                Output.grouped(cost.parameters()),
                                Output.grouped(cost.macs()));
        String text = MermaidText.of(diagram, title);
        int links = diagram.links().size();
        if (links > MermaidText.MOST_LINKS || text.length() > MermaidText.MOST_CHARACTERS) {
            output.warn(
                    String.format(
                            Locale.ROOT,
                            "the flowchart has %,d arrows and %,d characters, but Mermaid draws at"
                                    + " most %,d and %,d by default%s",
                            links,
                            text.length(),
                            MermaidText.MOST_LINKS,
                            MermaidText.MOST_CHARACTERS,
                            coarser()));
        }
        return text;
    }

    private String coarser() {
        return level == Level.STAGE
                ? ""
                : "; use --level "
                        + Level.values()[level.ordinal() - 1].name().toLowerCase(Locale.ROOT);
    }

    private Diagram diagram() {
        return Diagram.of(named(), level).folded();
    }

    /** Returns the graph with the declared name of its first input, which programs call data. */
    private Graph named() {
        if (!(spec.input() instanceof InputSpec.Several several)) {
            return graph;
        }
        Leaf.Input first = new Leaf.Input(several.inputs().get(0).name());
        return graph.map(
                node ->
                        node.operation().equals(new Leaf.Input(Capture.DATA))
                                ? node.with(first)
                                : node);
    }
}
