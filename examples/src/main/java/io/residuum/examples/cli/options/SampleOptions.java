package io.residuum.examples.cli.options;

import io.residuum.transformer.generate.Generator;
import io.residuum.transformer.generate.Sampling;
import io.residuum.transformer.text.TextSplits;
import io.residuum.transformer.train.LanguageModeling;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options of the sample text that a language model generates after each epoch. */
@HelpSection(HelpSection.TRAINING)
public final class SampleOptions {
    private static final int TOKENS = 200;

    /** Below 1, because probable tokens of a model that has learned little are easier to read. */
    private static final double TEMPERATURE = 0.8;

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--sample-tokens",
            paramLabel = "N",
            description =
                    "For language models: tokens of sample text to generate after each epoch, 0 for"
                            + " none. Default: "
                            + TOKENS)
    private @Nullable Integer tokens;

    @Option(
            names = "--sample-prompt",
            paramLabel = "TEXT",
            description =
                    "For language models: prompt of the sample text. Default: the first token of"
                            + " the data")
    private @Nullable String prompt;

    /** Fails if an option was given, for a task that generates no text. */
    public void refuse() {
        if (tokens != null || prompt != null) {
            throw Options.wrong(
                    command, "--sample-tokens and --sample-prompt are for language models");
        }
    }

    /** {@return the task, with sample text unless turned off} */
    public LanguageModeling on(LanguageModeling task, TextSplits data, long seed) {
        int count = tokens == null ? TOKENS : tokens;
        Options.atLeast(command, "--sample-tokens", count, 0);
        if (count == 0) {
            if (prompt != null) {
                throw Options.wrong(command, "--sample-prompt needs --sample-tokens above 0");
            }
            return task;
        }
        Sampling sampling = Sampling.PLAIN.withTemperature(TEMPERATURE).withSeed(seed);
        String start = prompt == null ? data.tokenizer().decode(data.train().read(0, 1)) : prompt;
        return task.writing(start, Generator.Settings.DEFAULT.with(sampling, count));
    }

    /** {@return the options as typed, each with a space before it} */
    public String typed() {
        return (tokens == null ? "" : " --sample-tokens " + tokens)
                + (prompt == null ? "" : " --sample-prompt " + Options.quoted(prompt));
    }
}
