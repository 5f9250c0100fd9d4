package io.residuum.examples.cli.convert;

import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.ModelArgument;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.model.ModelSource;
import io.residuum.nn.Layer;
import io.residuum.spec.LowRank;
import io.residuum.spec.ModelSpec;
import io.residuum.weights.StateDict;
import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.Dialects;
import io.residuum.weights.peft.PeftFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the low-rank branches of a model as a folder of PEFT. */
@Command(
        name = "export-adapter",
        description = {
            "Write the LoRA or DoRA branches of a saved model as a small folder for PEFT.",
            "",
            "PEFT loads it with PeftModel.from_pretrained(model, folder), and --adapter loads it"
                    + " here.",
            ""
        },
        footer = {
            "  residuum export-adapter runs/lora --dialect huggingface -o adapter",
            "  residuum export-adapter run --dialect timm --modules-to-save 'head.*' -o out"
        })
@HelpSection("Weights and export")
public final class ExportAdapterCommand implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            description = "A saved model (*.safetensors) or a run folder, with an adapter.")
    private String text;

    @Option(
            names = "--dialect",
            paramLabel = "D",
            required = true,
            description =
                    "The library of the base model, whose names the tensors get: torchvision, timm,"
                            + " huggingface, residuum, or your own table (*.json).")
    private String dialect;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "Write this adapter alone. Default: all adapters of the model")
    private @Nullable String name;

    @Option(
            names = "--modules-to-save",
            paramLabel = "PATTERN",
            description =
                    "Parameters to write in full, such as 'head.*' of a head or '*.bias' of biases"
                            + " that were trained with the adapter. Repeatable.")
    private @Nullable List<String> modulesToSave;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            required = true,
            description = "The folder to write.")
    private Path out;

    @Override
    public Integer call() {
        Output output = Output.of(spec);
        ModelSource source = ModelArgument.resolve(text, output);
        ModelSpec model = source.spec();
        List<LowRank> adapters = adapters(model.adapters());
        Layer base = model.withAdapters(List.of()).newBlock();
        Dialect chosen = Dialects.of(dialect).forWriting(base);
        try (StateDict file = source.openWeights()) {
            Map<String, Supplier<float[]>> values = source.plan(model.newBlock(), file).values();
            PeftFolder.write(
                    out,
                    adapters,
                    model,
                    chosen,
                    modulesToSave == null ? List.of() : modulesToSave,
                    path -> Objects.requireNonNull(values.get(path)).get());
        }
        output.note("wrote    %s, dialect %s".formatted(out, chosen.name()));
        return 0;
    }

    private List<LowRank> adapters(List<LowRank> adapters) {
        List<LowRank> found =
                adapters.stream().filter(a -> name == null || a.name().equals(name)).toList();
        if (found.isEmpty()) {
            throw Options.wrong(
                    spec,
                    name == null
                            ? "MODEL must have an adapter, found %s: train one with --lora"
                            : "--name must be one of the model's adapters, found %s",
                    adapters.stream().map(LowRank::name).toList());
        }
        return found;
    }
}
