package io.residuum.examples.cli.options;

import io.residuum.transformer.train.TextSettings;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options of text data. */
@HelpSection(HelpSection.DATA)
public final class TextOptions {

    /** The tasks on plain text, by their names on the command line. */
    public enum TaskName {
        LANGUAGE_MODEL("language-model"),
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
                    "For plain text: language-model (predict the next token) or masked-lm (predict"
                            + " masked tokens). Default: masked-lm for bert, else language-model")
    private @Nullable TaskName task;

    @Option(
            names = "--context",
            paramLabel = "N",
            description = "For text: context length in tokens. Default: the model's")
    private @Nullable Integer context;

    /** Fails if an option was given, for data that are not text. */
    public void refuse() {
        if (tokenizer.isGiven() || task != null || context != null) {
            throw Options.wrong(command, "--tokenizer, --task and --context are for text");
        }
    }

    /** Fails if {@code --task} was given, for tables of texts. */
    public void refuseTask() {
        if (task != null) {
            throw Options.wrong(
                    command, "--task is for plain text; leave it out for labelled texts and pairs");
        }
    }

    /** Fails if another option was given, for tables, whose input has one length. */
    public void refuseAllButTokenizer() {
        if (task != null || context != null) {
            throw Options.wrong(
                    command,
                    "--task and --context are for text files; columns of a table fill the input of"
                            + " the model");
        }
    }

    public TokenizerOption tokenizer() {
        return tokenizer;
    }

    public Optional<TaskName> task() {
        return Optional.ofNullable(task);
    }

    /** {@return the tokenizer and the context length} */
    public TextSettings settings() {
        if (context == null) {
            return new TextSettings(tokenizer.path(), OptionalInt.empty());
        }
        Options.atLeast(command, "--context", context, 2);
        return new TextSettings(tokenizer.path(), OptionalInt.of(context));
    }

    /** {@return the options as typed, each with a space before it} */
    public String typed() {
        return tokenizer.typed()
                + (task == null ? "" : " --task " + task)
                + (context == null ? "" : " --context " + context);
    }
}
