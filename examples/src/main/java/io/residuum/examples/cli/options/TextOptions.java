package io.residuum.examples.cli.options;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** What is said about text. */
public final class TextOptions {

    /** What can be learned from running text, in lower case with dashes. */
    public enum TaskName {
        /** To continue it. */
        LANGUAGE_MODEL("language-model"),
        /** To fill its gaps. */
        MASKED_LM("masked-lm");

        private final String text;

        TaskName(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Mixin private TokenizerOption tokenizer;

    @Option(
            names = "--task",
            paramLabel = "TASK",
            description =
                    "For running text: language-model (continue it) or masked-lm (fill its gaps)."
                            + " Default: masked-lm for bert, else language-model")
    private @Nullable TaskName task;

    @Option(
            names = "--context",
            paramLabel = "N",
            description =
                    "For text: how many tokens to read at once. Default: as many as the model can")
    private @Nullable Integer context;

    /** Fails where the data are no text. */
    public void refuse() {
        if (tokenizer.isGiven() || task != null || context != null) {
            throw Options.wrong(command, "--tokenizer, --task and --context are for text");
        }
    }

    /** Fails where the text is labelled. */
    public void refuseTask() {
        if (task != null) {
            throw Options.wrong(
                    command, "--task is for running text; labelled texts are to be told apart");
        }
    }

    public TokenizerOption tokenizer() {
        return tokenizer;
    }

    public Optional<TaskName> task() {
        return Optional.ofNullable(task);
    }

    /**
     * How many tokens to read at once.
     *
     * @param most what the model can, or 0 if it can any number
     */
    public int context(int most) {
        if (context == null) {
            return most;
        }
        Options.atLeast(command, "--context", context, 2);
        return context;
    }

    /** As the user typed them, to be typed again; each with a space before it. */
    public String typed() {
        return tokenizer.typed()
                + (task == null ? "" : " --task " + task)
                + (context == null ? "" : " --context " + context);
    }
}
