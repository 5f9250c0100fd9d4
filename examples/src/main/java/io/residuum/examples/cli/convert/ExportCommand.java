package io.residuum.examples.cli.convert;

import ai.djl.ndarray.NDArray;
import io.residuum.emit.Quantization;
import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.ModelArgument;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.WeightsOption;
import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.rewrite.Pass;
import io.residuum.graph.trace.CaptureException;
import io.residuum.model.ModelFiles;
import io.residuum.model.ModelMetadata;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.nn.Layer;
import io.residuum.spec.InputSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.weights.QuantizedStateDict;
import io.residuum.weights.StateDict;
import io.residuum.weights.dialect.ImportPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Exports a network as a graph with its weights for another runtime. */
@Command(
        name = "export",
        description = {
            "Export a network with its weights to ONNX, TorchScript or MXNet.",
            "",
            "The batch N is dynamic. If network and format allow it, so are the image size H x W"
                    + " and the sequence length L (S for an encoder-decoder's source), up to the"
                    + " network's own. The input is \"data\". Networks that need them also have"
                    + " \"mask\" (1 for tokens, 0 for padding), \"segments\", \"source\" and"
                    + " \"sourceMask\". Normalize images before the network. The output, the"
                    + " logits, is \"output\"; a graph with several outputs keeps their names.",
            ""
        },
        footer = {"  residuum export runs/first --format onnx -o first.onnx"})
@HelpSection("Weights and export")
public final class ExportCommand implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Mixin private ModelArgument model;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            required = true,
            description = "Format: ${COMPLETION-CANDIDATES}.")
    private ExportFormat format;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            required = true,
            description =
                    "The file to write. The weights of an ONNX model above 2 GiB go to FILE.data."
                            + " For mxnet, the prefix of two files, FILE-symbol.json and"
                            + " FILE-0000.params.")
    private Path out;

    @Option(
            names = "--serving",
            description =
                    "Make FILE a folder for DJL's model zoo and DJL Serving: the model,"
                            + " serving.properties, and for image classifiers the preprocessing"
                            + " and the class names (synset.txt).")
    private boolean serving;

    @Mixin private WeightsOption weights;

    @Option(
            names = "--length",
            paramLabel = "T",
            description =
                    "For text: fixed sequence length in tokens. Default: dynamic, up to the model's"
                            + " context length.")
    private @Nullable Integer length;

    @Option(
            names = "--fixed",
            description =
                    "Make only the batch dynamic: image size and sequence length are the model's.")
    private boolean fixed;

    @Option(
            names = "--mask",
            description =
                    "Keep the input mask (N, T), 1 for positions that count and 0 for padding."
                            + " Default: only for text that padding would change.")
    private boolean masked;

    @Override
    public Integer call() throws IOException {
        Output output = Output.of(spec);
        weights.check();
        Optional<String> rule = serving ? Optional.empty() : format.brokenNameRule(out);
        if (rule.isPresent()) {
            throw Options.wrong(spec, "-o must %s for %s, got %s", rule.get(), format, out);
        }
        ModelSource chosen = weights.on(model.resolve());
        Layer block = chosen.spec().newBlock();
        InputSpec input = chosen.spec().input();
        Quantization quantization = chosen.metadata().quantization();
        GraphInputs inputs = GraphInputs.of(block, input, length(chosen));
        if (masked && !inputs.readsMask()) {
            throw Options.wrong(
                    spec,
                    "--mask is for sequences whose layers read a mask, but %s has none: for other"
                            + " shapes, declare the mask as an input of the spec and bind it in"
                            + " \"with\"",
                    chosen.label());
        }
        Graph captured = graph(inputs, output);
        Graph graph = Pass.all(quantization.passes(), captured);
        List<Path> written;
        if (chosen.weights().isEmpty()) {
            written = writeRandom(chosen, graph, output);
        } else {
            try (StateDict tensors = chosen.openWeights()) {
                ImportPlan plan = chosen.plan(block, tensors);
                weights.report(plan, output);
                Map<String, Supplier<float[]>> values = plan.values();
                written =
                        plan.unmatched().isEmpty()
                                ? write(
                                        chosen,
                                        graph,
                                        path -> Objects.requireNonNull(values.get(path)).get())
                                : writeRandom(chosen, graph, output);
            }
        }
        graph.inputs().forEach((name, node) -> output.note(line("input", name, node)));
        if (input instanceof InputSpec.Features && inputs.readsMask() && !masked) {
            output.note("left out mask, so all positions count; --mask keeps it");
        }
        for (int i = 0; i < graph.outputs().size(); i++) {
            output.note(line("output", graph.outputNames().get(i), graph.outputs().get(i)));
        }
        String files = written.stream().map(Path::toString).collect(Collectors.joining(" and "));
        output.note("wrote    %s, as %s".formatted(files, format));
        return 0;
    }

    private Graph graph(GraphInputs inputs, Output output) {
        if (!fixed && length == null) {
            try {
                Graph dynamic = inputs.dynamic().padded(masked);
                if (format.supportsDynamicSizes(dynamic)) {
                    return dynamic;
                }
                output.note(
                        "fixed    the format " + format + " needs fixed sizes for this network");
            } catch (CaptureException | IllegalArgumentException e) {
                output.note("fixed    " + e.getMessage());
            }
        }
        return inputs.padded(masked);
    }

    private int length(ModelSource chosen) {
        InputSpec input = chosen.spec().input();
        if (!(input instanceof InputSpec.Tokens tokens)) {
            if (length != null) {
                throw Options.wrong(
                        spec,
                        "--length is for models that read tokens, but %s reads %s",
                        chosen.label(),
                        Output.shape(input.batchShape()));
            }
            return 0;
        }
        return Options.length(spec, length == null ? tokens.length() : length, chosen);
    }

    private List<Path> writeRandom(ModelSource chosen, Graph graph, Output output)
            throws IOException {
        try (Backend backend = Backend.open(EngineChoice.AUTO, DeviceChoice.CPU);
                Network network = weights.open(chosen, backend, output)) {
            return write(
                    chosen,
                    graph,
                    path -> {
                        NDArray array =
                                Objects.requireNonNull(network.state().get(path)).getArray();
                        return Values.floats(array);
                    });
        }
    }

    private List<Path> write(ModelSource chosen, Graph graph, Function<String, float[]> values)
            throws IOException {
        Map<String, String> metadata = new TreeMap<>();
        metadata.put(ModelFiles.SPEC, SpecJson.standard().writeAll(chosen.spec()));
        chosen.metadata()
                .entry(QuantizedStateDict.KEY)
                .ifPresent(text -> metadata.put(QuantizedStateDict.KEY, text));
        List<String> names = chosen.metadata().classNames();
        metadata.putAll(ModelMetadata.EMPTY.withClassNames(names).entries());
        return serving
                ? ServingFolder.of(chosen, graph)
                        .write(format, values, metadata, out, Output.of(spec)::warn)
                : format.write(new ExportFormat.Content(graph, values, metadata), out);
    }

    private static String line(String what, String name, Node node) {
        String type = node.type().name().toLowerCase(Locale.ROOT);
        return "%-8s %s %s, %s".formatted(what, name, node.shape(), type);
    }
}
