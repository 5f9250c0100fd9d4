package io.residuum.examples.cli.convert;

import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.ModelArgument;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.TensorOptions;
import io.residuum.model.ModelMetadata;
import io.residuum.model.ModelSource;
import io.residuum.nn.Layer;
import io.residuum.transformer.family.TextEmbedding;
import io.residuum.weights.SafetensorsWriter;
import io.residuum.weights.StateDict;
import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.Dialects;
import io.residuum.weights.dialect.Export;
import io.residuum.weights.dialect.ImportPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the weights of a model with the names of another library. */
@Command(
        name = "export-weights",
        description = {
            "Write the weights of a saved model with the names of another library.",
            "",
            "The file is safetensors in float32. The library loads it with strict=True. Layers"
                    + " Dense of sentence-transformers are written where it stores them, beside the"
                    + " file: 2_Dense/model.safetensors, 3_Dense/model.safetensors. Put all into a"
                    + " copy of the model's folder, which has config.json, modules.json, the"
                    + " settings of the modules and the tokenizer. They are not written.",
            ""
        },
        footer = {"  residuum export-weights runs/first --dialect timm -o timm.safetensors"})
@HelpSection("Weights and export")
public final class ExportWeightsCommand implements Callable<Integer> {

    /** The dialect of sentence-transformers. */
    private static final String SENTENCES = "huggingface";

    @Spec private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            description =
                    "A saved model (*.safetensors), a run folder, or the folder of a Hugging Face"
                            + " model.")
    private String text;

    @Option(
            names = "--dialect",
            paramLabel = "D",
            required = true,
            description =
                    "The library whose names the tensors get: torchvision, timm, huggingface,"
                            + " cifar-resnet, llama2.c, or your own table (*.json).")
    private String dialect;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            required = true,
            description = "The file to write (*.safetensors).")
    private Path out;

    @Mixin private TensorOptions tensors;

    @Override
    public Integer call() throws IOException {
        Output output = Output.of(spec);
        Options.requireSuffix(spec, "--output", out, ".safetensors");
        ModelSource source = ModelArgument.resolve(text, output);
        if (source.weights().isEmpty()) {
            throw Options.wrong(
                    spec,
                    "MODEL must have weights, but %s has none; give a saved model, such as one that"
                            + " residuum import wrote",
                    text);
        }
        ModelSource model = tensors.on(source);
        Layer block = model.spec().newBlock();
        try (StateDict file = model.openWeights()) {
            ImportPlan plan = model.plan(block, file);
            TensorOptions.report(plan, output);
            // Tables of one name, such as BERT's and ELECTRA's, may fit the same network.
            ModelMetadata metadata = model.metadata().withDialect(plan.dialect());
            Dialect chosen = metadata.preferred(Dialects.of(dialect)).forWriting(block);
            Map<String, Supplier<float[]>> values = plan.values();
            if (!plan.unmatched().isEmpty()) {
                throw Options.wrong(
                        spec,
                        "--allow-missing: random values are not exported; make a saved model with"
                                + " residuum import first");
            }
            Map<String, String> folders =
                    chosen.name().equals(SENTENCES)
                            ? TextEmbedding.folders(model.spec())
                            : Map.of();
            Map<String, SafetensorsWriter> writers =
                    Export.split(
                            chosen,
                            block,
                            path -> Objects.requireNonNull(values.get(path)).get(),
                            folders.keySet());
            Map<Path, SafetensorsWriter> files = new LinkedHashMap<>();
            for (Map.Entry<String, SafetensorsWriter> writer : writers.entrySet()) {
                String folder = folders.get(writer.getKey());
                files.put(folder == null ? out : inFolder(folder), writer.getValue());
            }
            SafetensorsWriter.writeTogether(files);
            for (Path written : files.keySet()) {
                output.note("wrote    %s, dialect %s".formatted(written, chosen.name()));
            }
        }
        return 0;
    }

    private Path inFolder(String name) throws IOException {
        return Files.createDirectories(out.resolveSibling(name)).resolve("model.safetensors");
    }
}
