package io.residuum.examples.cli.options;

import io.residuum.model.ModelSource;
import io.residuum.weights.StateDict;
import io.residuum.weights.dialect.Dialects;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the tensors of a file are named, and which of its weights are meant. */
public final class DialectOption {

    @Option(
            names = "--dialect",
            paramLabel = "D",
            description =
                    "Whose names the tensors have: residuum, torchvision, timm, huggingface,"
                            + " cifar-resnet, llama2.c, or a table of your own (*.json). Default:"
                            + " found out from the names.")
    private @Nullable String dialect;

    @Option(
            names = "--ema-weights",
            description = "Take the moving average of the weights from a checkpoint with both.")
    private boolean ema;

    /** Applies the options to a model that has weights. */
    ModelSource on(ModelSource model) {
        ModelSource chosen = ema ? model.withVariant(StateDict.Variant.EMA) : model;
        return dialect == null ? chosen : chosen.withDialect(dialect);
    }

    /** Returns the dialects to choose from. */
    public Dialects dialects() {
        return dialect == null ? Dialects.standard() : Dialects.of(dialect);
    }

    /** Opens weights; the caller closes them. */
    public StateDict open(Path file) {
        return StateDict.open(file, ema ? StateDict.Variant.EMA : StateDict.Variant.PLAIN);
    }
}
