package io.residuum.examples.cli.options;

import io.residuum.model.ModelSource;
import io.residuum.weights.dialect.Dialects;
import io.residuum.weights.dialect.ImportOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The option {@code --dialect} and the options for the tensors of a file of weights. */
@HelpSection(HelpSection.WEIGHTS)
public final class DialectOption {

    @Option(
            names = "--dialect",
            paramLabel = "D",
            description =
                    "The library that named the tensors: residuum, torchvision, timm, huggingface,"
                            + " cifar-resnet, llama2.c, gguf, or your own table (*.json). Default:"
                            + " detected from the names.")
    private @Nullable String dialect;

    @Mixin private TensorOptions tensors;

    /** {@return a model that has weights, with the options applied} */
    ModelSource on(ModelSource model) {
        ModelSource chosen = tensors.on(model);
        return dialect == null ? chosen : chosen.withDialect(dialect);
    }

    boolean isGiven() {
        return dialect != null || tensors.areGiven();
    }

    /** {@return settings for loading weights with the options} */
    public ImportOptions options() {
        ImportOptions options = tensors.on(ImportOptions.standard());
        return dialect == null ? options : options.withDialects(Dialects.of(dialect));
    }
}
