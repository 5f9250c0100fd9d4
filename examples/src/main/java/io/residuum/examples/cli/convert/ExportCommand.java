package io.residuum.examples.cli.convert;

import ai.djl.ndarray.NDArray;
import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.examples.cli.options.ModelArgument;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.WeightsOption;
import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.trace.CaptureException;
import io.residuum.model.ModelFiles;
import io.residuum.model.ModelMetadata;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.nn.Layer;
import io.residuum.spec.InputSpec;
import io.residuum.spec.json.SpecJson;
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

/** Writes what a network computes, with its weights, for another runtime. */
@Command(
        name = "export",
        description = {
            "Write a network, as one graph with its weights, for another runtime.",
            "",
            "The batch N is free, and so are, where network and format allow, the size H x W of"
                + " images and the length L of sequences (S of a translator's source) up to what"
                + " the network was made for. Inputs are \"data\" and, for networks that need them,"
                + " \"mask\" (1 for tokens, 0 for padding), \"segments\", \"source\" and"
                + " \"sourceMask\"; images are to be normalized by the caller. Its result (logits)"
                + " is \"output\".",
            ""
        })
public final class ExportCommand implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Mixin private ModelArgument model;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            required = true,
            description = "What to write: ${COMPLETION-CANDIDATES}.")
    private ExportFormat format;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            required = true,
            description =
                    "The file to write. An ONNX model of more than 2 GiB has its weights beside it,"
                            + " in FILE.data. For mxnet the prefix of two files,"
                            + " FILE-symbol.json and FILE-0000.params.")
    private Path out;

    @Option(
            names = "--serving",
            description =
                    "Make FILE a folder that DJL's model zoo and DJL Serving load as it is: the"
                            + " model, serving.properties, and for classifiers of images what"
                            + " is done to them and synset.txt, the names of the classes.")
    private boolean serving;

    @Mixin private WeightsOption weights;

    @Option(
            names = "--length",
            paramLabel = "T",
            description =
                    "For models of text: tokens of a sequence. Default: any number, up to the most"
                            + " that the model reads.")
    private @Nullable Integer length;

    @Option(
            names = "--fixed",
            description =
                    "Leave only the batch free: images have the size, and sequences the length,"
                            + " that the model was made for.")
    private boolean fixed;

    @Override
    public Integer call() throws IOException {
        Output output = Output.of(spec);
        weights.check();
        Optional<String> complaint = serving ? Optional.empty() : format.complaint(out);
        if (complaint.isPresent()) {
            throw Options.wrong(spec, "-o must %s for %s, got %s", complaint.get(), format, out);
        }
        ModelSource chosen = weights.on(model.resolve());
        Layer block = chosen.spec().newBlock();
        InputSpec input = chosen.spec().input();
        Graph graph = graph(GraphInputs.of(block, input, length(chosen.label(), input)), output);
        List<Path> written;
        if (chosen.weights().isEmpty()) {
            written = writeRandom(chosen, graph, output);
        } else {
            try (StateDict tensors = chosen.openWeights()) {
                ImportPlan plan = chosen.plan(block, tensors);
                weights.report(plan, output);
                Map<String, Supplier<float[]>> values = plan.values();
                written =
                        write(
                                chosen,
                                graph,
                                path -> Objects.requireNonNull(values.get(path)).get());
            }
        }
        graph.inputs().forEach((name, node) -> output.note(line("input", name, node)));
        output.note(line("output", "output", graph.outputs().get(0)));
        String files = written.stream().map(Path::toString).collect(Collectors.joining(" and "));
        output.note("wrote    %s, as %s".formatted(files, format));
        return 0;
    }

    private Graph graph(GraphInputs inputs, Output output) {
        if (!fixed && length == null) {
            try {
                Graph free = inputs.ofAnySize().padded();
                if (format.takesAnySize(free)) {
                    return free;
                }
                output.note(
                        "fixed    the sizes of this network cannot be free in the format "
                                + format);
            } catch (CaptureException | IllegalArgumentException e) {
                output.note("fixed    " + e.getMessage());
            }
        }
        return inputs.padded();
    }

    private int length(String label, InputSpec input) {
        if (!(input instanceof InputSpec.Tokens tokens)) {
            if (length != null) {
                throw Options.wrong(
                        spec,
                        "--length is for models of text, but %s reads %s",
                        label,
                        Output.shape(input.batchShape()));
            }
            return 0;
        }
        int wanted = length == null ? tokens.length() : length;
        Options.atLeast(spec, "--length", wanted, 1);
        if (wanted > tokens.length()) {
            throw Options.wrong(
                    spec,
                    "--length must be at most the %d tokens that %s reads, got %d",
                    tokens.length(),
                    label,
                    wanted);
        }
        return wanted;
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
        List<String> names = chosen.metadata().classNames();
        metadata.putAll(ModelMetadata.EMPTY.withClassNames(names).entries());
        return serving
                ? ServingFolder.of(chosen, graph).write(format, values, metadata, out)
                : format.write(new ExportFormat.Content(graph, values, metadata), out);
    }

    private static String line(String what, String name, Node node) {
        String type = node.type().name().toLowerCase(Locale.ROOT);
        return "%-8s %s %s, %s".formatted(what, name, node.shape(), type);
    }
}
