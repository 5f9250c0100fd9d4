package io.residuum.examples.cli.convert;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.emit.Quantization;
import io.residuum.engine.Backend;
import io.residuum.engine.Values;
import io.residuum.examples.cli.options.BackendOptions;
import io.residuum.examples.cli.options.DialectOption;
import io.residuum.examples.cli.options.Downloads;
import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.ModelArgument;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.TokenizerOption;
import io.residuum.model.ModelDescription;
import io.residuum.model.ModelFiles;
import io.residuum.model.ModelMetadata;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Tokenizers;
import io.residuum.weights.StateDict;
import io.residuum.weights.dialect.ImportOptions;
import io.residuum.weights.dialect.ImportPlan;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Converts weights of another library to a saved model. */
@Command(
        name = "import",
        description = {
            "Convert weights of another library to a saved model.",
            "",
            "Every tensor must match a parameter. Missing and unexpected tensors and wrong shapes"
                    + " are listed with the nearest names, and are errors unless allowed below. The"
                    + " saved model keeps the tokenizer of a text model.",
            ""
        },
        footer = {"  residuum import resnet50.pth --as resnet50 -o resnet50.safetensors"})
@HelpSection("Weights and export")
public final class ImportCommand implements Callable<Integer> {
    private static final long SEED = 0;

    @Spec private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "FILE",
            description =
                    "The weights: safetensors, PyTorch (.pt, .pth, .bin), GGUF, llama2.c, the index"
                            + " of a sharded file, a folder with one of them, hf:org/model or"
                            + " https://....")
    private String file;

    @Option(
            names = "--as",
            paramLabel = "MODEL",
            required = true,
            description =
                    "The network of the weights: a preset, a spec file, or a Hugging Face model"
                            + " (its config.json, its folder, or hf:org/model).")
    private String as;

    @Mixin private DialectOption dialect;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "The saved model to write (*.safetensors).")
    private @Nullable Path out;

    @Option(
            names = "--dry-run",
            description = "Only list which tensor matches which parameter; write nothing.")
    private boolean dryRun;

    @Option(
            names = "--reset-head",
            paramLabel = "N",
            description = "Give the network a new, random head for N classes.")
    private @Nullable Integer classes;

    @Mixin private TokenizerOption tokenizer;

    @Mixin private BackendOptions backend;

    @Override
    public Integer call() {
        Output output = Output.of(spec);
        Options.requireFileOrRemote(spec, file, file);
        if (dryRun == (out != null)) {
            throw Options.wrong(spec, "give either --output FILE or --dry-run");
        }
        if (out != null) {
            Options.requireSuffix(spec, "--output", out, ".safetensors");
        }
        ModelSource source = ModelArgument.resolve(as, output);
        ModelSpec network = source.spec();
        if (tokenizer.isGiven() && !(network.input() instanceof InputSpec.Tokens)) {
            throw Options.wrong(
                    spec,
                    "--tokenizer is for models that read tokens, but %s reads %s",
                    source.label(),
                    Output.shape(network.input().batchShape()));
        }
        ModelMetadata metadata = kept(source.metadata());
        Set<String> fresh = new HashSet<>();
        if (classes != null) {
            Options.atLeast(spec, "--reset-head", classes, 1);
            fresh.addAll(head(network, classes));
            network = network.withClasses(classes);
            metadata = metadata.withClassNames(List.of());
        }
        ImportOptions options = dialect.options();
        Path local = ModelFiles.local(file, Downloads.hub(output));
        try (StateDict tensors = options.open(local)) {
            ImportPlan plan =
                    source.metadata()
                            .preferred(options.dialects())
                            .plan(network.newBlock(), tensors);
            new ImportReport(plan, fresh).lines(dryRun).forEach(output::result);
            plan.require(options.allowing(fresh));
            plan.resized().forEach((path, how) -> output.result(path + ": " + how));
            if (out != null) {
                metadata = withTokenizer(metadata, source, local, output);
                metadata = metadata.withWeights(plan);
                write(plan, new ModelDescription(network, metadata), fresh, out, output);
            }
        }
        return 0;
    }

    /** {@return the metadata of a model that do not belong to its weights or their training} */
    private static ModelMetadata kept(ModelMetadata metadata) {
        Map<String, String> entries = new LinkedHashMap<>(metadata.entries());
        entries.keySet().removeAll(Set.of(ModelMetadata.DIALECT, ModelMetadata.HELD_OUT));
        return new ModelMetadata(entries).with(Quantization.NONE);
    }

    /**
     * {@return metadata with the tokenizer of the option, of the model or of the weights' folder}
     */
    private ModelMetadata withTokenizer(
            ModelMetadata metadata, ModelSource source, Path weights, Output output) {
        if (!(source.spec().input() instanceof InputSpec.Tokens tokens)) {
            return metadata;
        }
        try (Tokenizer found =
                tokenizer
                        .open()
                        .or(() -> Tokenizers.of(source))
                        .or(() -> Tokenizers.of(source.withWeights(weights)))
                        .orElse(null)) {
            if (found == null) {
                return metadata;
            }
            if (found.vocabulary() <= tokens.vocabulary()) {
                return metadata.with(Tokenizer.METADATA, found.json());
            }
            String message =
                    "the tokenizer must have at most the %d tokens of the model, got %d"
                            .formatted(tokens.vocabulary(), found.vocabulary());
            if (tokenizer.isGiven()) {
                throw Options.wrong(spec, "--tokenizer: %s", message);
            }
            output.note("tokenizer left out: " + message);
            return metadata;
        }
    }

    /** {@return the parameters whose shapes depend on the number of classes} */
    private static Set<String> head(ModelSpec model, int classes) {
        Map<String, Parameter> some = model.withClasses(classes).newBlock().namedParameters();
        Map<String, Parameter> more = model.withClasses(classes + 1).newBlock().namedParameters();
        Set<String> head = new HashSet<>();
        some.forEach(
                (path, p) -> {
                    Shape other = Objects.requireNonNull(more.get(path)).getShape();
                    if (!p.getShape().equals(other)) {
                        head.add(path);
                    }
                });
        return head;
    }

    private void write(
            ImportPlan plan,
            ModelDescription model,
            Set<String> fresh,
            Path target,
            Output output) {
        Map<String, Supplier<float[]>> values = new HashMap<>(plan.values());
        values.keySet().removeAll(fresh);
        Set<String> all = model.spec().newBlock().namedParameters().keySet();
        int read = values.size();
        if (read < all.size()) {
            // Only random values need an engine.
            try (Backend engine = backend.open(output);
                    Network network = Network.create(model.spec(), engine, SEED)) {
                network.state()
                        .forEach(
                                (path, p) ->
                                        values.putIfAbsent(
                                                path, () -> Values.floats(p.getArray())));
                output.note(
                        "random   %d of %d tensors (seed %d)"
                                .formatted(all.size() - read, all.size(), SEED));
                save(model, values, target, output);
            }
        } else {
            save(model, values, target, output);
        }
    }

    private static void save(
            ModelDescription model,
            Map<String, Supplier<float[]>> values,
            Path target,
            Output output) {
        ModelFiles.write(target, model, path -> Objects.requireNonNull(values.get(path)).get());
        output.note("wrote    " + target);
    }
}
