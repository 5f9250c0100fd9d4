package io.residuum.examples.cli.options;

import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Tokenizers;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What text is encoded by. */
public final class TokenizerOption {

    @Option(
            names = "--tokenizer",
            paramLabel = "TOKENIZER",
            description = {
                "For text: a tokenizer.json, a folder with vocab.bpe and encoder.json, merges.txt"
                        + " and vocab.json or vocab.txt, or a .bin file of llama2.c. Default: that"
                        + " of a saved model, in the folder of other weights, or of a .tokens"
                        + " file, else the characters of the text"
            })
    private @Nullable Path place;

    public boolean isGiven() {
        return place != null;
    }

    /** Opens what was asked for; the caller closes it. */
    public Optional<Tokenizer> open() {
        return Optional.ofNullable(place).map(Tokenizers::open);
    }

    /** As the user typed it, to be typed again, with a space before it. */
    String typed() {
        return place == null ? "" : " --tokenizer " + place;
    }
}
