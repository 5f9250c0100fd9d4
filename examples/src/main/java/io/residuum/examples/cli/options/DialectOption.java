package io.residuum.examples.cli.options;

import io.residuum.model.ModelSource;
import io.residuum.weights.StateDict;
import io.residuum.weights.dialect.Dialects;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options {@code --dialect} and {@code --ema-weights} for a file of weights. */
public final class DialectOption {

    @Option(
            names = "--dialect",
            paramLabel = "D",
            description =
                    "The library that named the tensors: residuum, torchvision, timm, huggingface,"
                            + " cifar-resnet, llama2.c, or your own table (*.json). Default:"
                            + " detected from the names.")
    private @Nullable String dialect;

    @Option(
            names = "--ema-weights",
            description = "Use the EMA weights of a checkpoint that has both.")
    private boolean ema;

    /** {@return a model that has weights, with the options applied} */
    ModelSource on(ModelSource model) {
        ModelSource chosen = ema ? model.withVariant(StateDict.Variant.EMA) : model;
        return dialect == null ? chosen : chosen.withDialect(dialect);
    }

    /** {@return the dialects to choose from} */
    public Dialects dialects() {
        return dialect == null ? Dialects.standard() : Dialects.of(dialect);
    }

    /** {@return opened weights, to be closed by the caller} */
    public StateDict open(Path file) {
        return StateDict.open(file, ema ? StateDict.Variant.EMA : StateDict.Variant.PLAIN);
    }
}
