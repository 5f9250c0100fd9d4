package io.residuum.examples.cli.options;

import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Tokenizers;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option {@code --tokenizer}. */
@HelpSection(HelpSection.WEIGHTS)
public final class TokenizerOption {

    @Option(
            names = "--tokenizer",
            paramLabel = "TOKENIZER",
            description = {
                "For text: a tokenizer.json, a folder with vocab.bpe and encoder.json, merges.txt"
                    + " and vocab.json, or vocab.txt, a .bin file of llama2.c, or a .gguf file."
                    + " Default: the one in a saved model, in the folder of other weights or in a"
                    + " .tokens file, else one token per character of the text"
            })
    private @Nullable Path path;

    public boolean isGiven() {
        return path != null;
    }

    /** {@return the tokenizer, to be closed by the caller, if the option was given} */
    public Optional<Tokenizer> open() {
        return path().map(Tokenizers::open);
    }

    /** {@return the file or folder, if the option was given} */
    public Optional<Path> path() {
        return Optional.ofNullable(path);
    }

    /** {@return the option as typed, with a space before it} */
    String typed() {
        return path == null ? "" : " --tokenizer " + Options.quoted(path);
    }
}
