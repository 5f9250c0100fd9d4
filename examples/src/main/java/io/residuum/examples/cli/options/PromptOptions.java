package io.residuum.examples.cli.options;

import io.residuum.data.DataException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The texts to be continued. */
public final class PromptOptions {
    private static final String STANDARD_INPUT = "-";

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = {"-p", "--prompt"},
            paramLabel = "TEXT",
            description =
                    "The beginning of a text; - reads it from the standard input. May be given"
                            + " several times. Default: the token that begins texts, if the"
                            + " tokenizer has one")
    private List<String> texts = new ArrayList<>();

    @Option(
            names = "--prompt-file",
            paramLabel = "FILE",
            description =
                    "The beginning of a text in UTF-8, without the end of its last line. May be"
                            + " given several times.")
    private List<Path> files = new ArrayList<>();

    /** All prompts, those of files last; an empty one if none was given. */
    public List<String> read() throws IOException {
        if (Collections.frequency(texts, STANDARD_INPUT) > 1) {
            throw Options.wrong(command, "--prompt - reads the standard input: give it once");
        }
        List<String> prompts = new ArrayList<>();
        for (String text : texts) {
            prompts.add(
                    text.equals(STANDARD_INPUT)
                            ? decode(System.in.readAllBytes(), "the standard input")
                            : text);
        }
        for (Path file : files) {
            if (!Files.isRegularFile(file)) {
                throw Options.wrong(command, "--prompt-file %s: no such file", file);
            }
            prompts.add(decode(Files.readAllBytes(file), file.toString()));
        }
        return prompts.isEmpty() ? List.of("") : prompts;
    }

    /** Editors and echo put an end of line behind a text that is not meant. */
    private static String decode(byte[] bytes, String source) {
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            return text.replaceFirst("\\r?\\n\\z", "");
        } catch (CharacterCodingException e) {
            throw new DataException(source + ": a prompt must be text in UTF-8", e);
        }
    }
}
