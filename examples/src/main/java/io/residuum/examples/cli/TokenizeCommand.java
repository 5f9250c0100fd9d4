package io.residuum.examples.cli;

import io.residuum.examples.cli.options.Bars;
import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.TokenFile;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Encodes a large text once, before training. */
@Command(
        name = "tokenize",
        description = {
            "Encode a large text once, before training on it.",
            "",
            "Texts below 64 MiB do not need this step. The written file also contains the"
                    + " tokenizer. Use it as data: --data text:FILE.tokens",
            ""
        },
        footer = {"  residuum tokenize books.txt --tokenizer gpt2 -o books.tokens"})
@HelpSection("Training")
final class TokenizeCommand implements Callable<Integer> {
    private static final String CHARACTERS = "characters";

    /** The JSON form of the result. */
    private record Result(
            String text, String file, long bytes, long tokens, int vocabulary, double seconds) {}

    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "Text in UTF-8.")
    private Path text;

    @Option(
            names = "--tokenizer",
            paramLabel = "TOKENIZER",
            required = true,
            description = {
                "One of:",
                "  characters       one token per character of the text",
                "  tokenizer.json   a tokenizer of Hugging Face",
                "  DIR              a folder with tokenizer.json,",
                "                   vocab.bpe and encoder.json,",
                "                   merges.txt and vocab.json,",
                "                   or vocab.txt",
                "  FILE.bin         a tokenizer of llama2.c",
                "  FILE.gguf        the tokenizer in a GGUF file"
            })
    private String tokenizer;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "The file to write. Default: FILE.tokens")
    private @Nullable Path output;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        Output messages = Output.of(spec);
        Path file = target();
        long bytes = Files.size(text);
        long start = System.nanoTime();
        long tokens;
        int vocabulary;
        try (Tokenizer chosen = open();
                Progress progress = new Progress(bytes, messages)) {
            vocabulary = chosen.vocabulary();
            tokens = TokenFile.write(text, chosen, file, progress::done);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        if (json) {
            messages.json(
                    new Result(
                            text.toString(), file.toString(), bytes, tokens, vocabulary, seconds));
        } else {
            messages.result(
                    "%s: %,d tokens of %,d bytes, vocabulary %,d, %.1f MB/s",
                    file, tokens, bytes, vocabulary, bytes / 1e6 / seconds);
        }
        return 0;
    }

    private Path target() {
        Path file = output == null ? Path.of(text + TokenFile.SUFFIX) : output;
        Options.requireSuffix(spec, "--output", file, TokenFile.SUFFIX);
        return file;
    }

    private Tokenizer open() {
        return tokenizer.equals(CHARACTERS)
                ? CharTokenizer.ofFile(text)
                : Tokenizers.open(Path.of(tokenizer));
    }

    /** A progress bar, shown on a terminal only. */
    private static final class Progress implements AutoCloseable {
        private final @Nullable ProgressBar bar;

        Progress(long bytes, Output messages) {
            bar =
                    messages.quiet() || !Bars.onTerminal()
                            ? null
                            : Bars.newBar("tokenize", bytes)
                                    .setUnit(" MB", 1_000_000)
                                    .showSpeed()
                                    .build();
        }

        void done(long bytes) {
            if (bar != null) {
                bar.stepTo(bytes);
            }
        }

        @Override
        public void close() {
            if (bar != null) {
                bar.close();
            }
        }
    }
}
