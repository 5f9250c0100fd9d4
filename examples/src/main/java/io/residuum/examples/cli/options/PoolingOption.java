package io.residuum.examples.cli.options;

import io.residuum.model.ModelSource;
import io.residuum.transformer.family.TextEmbedding;
import io.residuum.transformer.layers.Pooling;
import io.residuum.transformer.predict.TextEmbedder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options {@code --pooling} and {@code --no-normalize}. */
public final class PoolingOption {

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--pooling",
            paramLabel = "MODE",
            description =
                    "For embeddings: how the vectors of tokens become one:"
                            + " ${COMPLETION-CANDIDATES}. Default: that of the model")
    private @Nullable Pooling pooling;

    @Option(
            names = "--no-normalize",
            description = "With --pooling: do not give the vectors the length 1.")
    private boolean raw;

    /** Fails unless the options go together. */
    public void check() {
        if (raw && pooling == null) {
            throw Options.wrong(command, "--no-normalize changes --pooling; give both");
        }
    }

    /** {@return true if a pooling was given} */
    public boolean isGiven() {
        return pooling != null;
    }

    /** {@return the model with the chosen pooling as its head, or the model itself} */
    public ModelSource on(ModelSource model) {
        return pooling == null
                ? model
                : TextEmbedder.pooled(model, new TextEmbedding(pooling, !raw));
    }
}
