package io.residuum.examples.cli.options;

import io.residuum.transformer.text.Utf8;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The prompts. */
public final class PromptOptions {
    private static final String STANDARD_INPUT = "-";

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = {"-p", "--prompt"},
            paramLabel = "TEXT",
            description =
                    "Prompt to continue; - reads it from standard input. Repeatable. Default: the"
                            + " tokenizer's beginning-of-text token, if it has one")
    private List<String> texts = new ArrayList<>();

    @Option(
            names = "--prompt-file",
            paramLabel = "FILE",
            description =
                    "UTF-8 file with a prompt; a line break at its end is removed. Repeatable.")
    private List<Path> files = new ArrayList<>();

    /** {@return all prompts, those of files last, or one empty prompt if none was given} */
    public List<String> read() throws IOException {
        if (Collections.frequency(texts, STANDARD_INPUT) > 1) {
            throw Options.wrong(command, "--prompt - reads standard input; give it once");
        }
        List<String> prompts = new ArrayList<>();
        for (String text : texts) {
            prompts.add(
                    text.equals(STANDARD_INPUT)
                            ? decode(System.in.readAllBytes(), "standard input")
                            : text);
        }
        for (Path file : files) {
            Options.requireFile(command, "--prompt-file " + file, file);
            prompts.add(decode(Files.readAllBytes(file), file.toString()));
        }
        return prompts.isEmpty() ? List.of("") : prompts;
    }

    /** Decodes a prompt and removes the line break that editors and echo append. */
    private static String decode(byte[] bytes, String source) {
        return Utf8.decode(bytes, source).replaceFirst("\\r?\\n\\z", "");
    }
}
