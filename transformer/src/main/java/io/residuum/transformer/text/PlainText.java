package io.residuum.transformer.text;

import io.residuum.data.DataException;
import io.residuum.data.Locations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Running text, for language models. */
public final class PlainText implements TextSource {

    /** The documentation of this project: English text that is always available. */
    public static final PlainText DOCUMENTATION =
            new PlainText(new Locations(List.of(), List.of(), List.of()));

    /** The size limit in bytes. Each run encodes the text again and holds it in memory. */
    static final long MAX_BYTES = 64L << 20;

    private static final String BETWEEN_FILES = "\n\n";

    private final Locations where;

    private PlainText(Locations where) {
        this.where = where;
    }

    static PlainText at(Locations where) {
        boolean one = !where.plain().isEmpty() && where.train().isEmpty() && where.test().isEmpty();
        boolean both = where.plain().isEmpty() && !where.train().isEmpty();
        if (!one && !both) {
            throw new DataException(
                    "text needs files or folders (text:FILE), or some to train on and some to"
                            + " test on (text:train=FILE,test=FILE)");
        }
        return new PlainText(where);
    }

    /**
     * Opens the text. The tokenizer comes from the encoded file; for plain text it has one token
     * per character.
     *
     * @return the training and evaluation sets
     * @throws DataException if a file is invalid, or too large to be encoded now
     */
    public TextSplits open() {
        return split(null);
    }

    /**
     * Opens the text with a given tokenizer.
     *
     * @param tokenizer the tokenizer
     * @return the training and evaluation sets
     * @throws DataException as {@link #open()}, and if the text was encoded with another tokenizer
     */
    public TextSplits open(Tokenizer tokenizer) {
        return split(tokenizer);
    }

    private TextSplits split(@Nullable Tokenizer tokenizer) {
        if (this == DOCUMENTATION) {
            return splitText("Residuum's documentation", Documentation.text(), null, tokenizer);
        }
        List<Path> train = where.train().isEmpty() ? where.plain() : where.train();
        List<Path> all = Stream.concat(train.stream(), where.test().stream()).toList();
        if (all.stream().anyMatch(PlainText::isEncoded)) {
            return splitEncoded(train, tokenizer);
        }
        long bytes = 0;
        for (Path file : expand(all)) {
            bytes += size(file);
            if (bytes > MAX_BYTES) {
                throw new DataException(
                        String.format(
                                "text of more than %d MiB must be encoded before training; run"
                                        + " residuum tokenize %s --tokenizer ..., and give the"
                                        + " .tokens file that it writes",
                                MAX_BYTES >> 20, file));
            }
        }
        return splitText(
                show(train),
                read(train),
                where.test().isEmpty() ? null : read(where.test()),
                tokenizer);
    }

    private static TextSplits splitText(
            String source, String text, @Nullable String test, @Nullable Tokenizer given) {
        if (text.isEmpty() || (test != null && test.isEmpty())) {
            throw new DataException(
                    (test == null || text.isEmpty() ? source : "the text to test on")
                            + ": must contain text, but is empty");
        }
        // trains on the first nine tenths of the characters, as nanoGPT does
        int characters = text.codePointCount(0, text.length());
        int end =
                test == null ? text.offsetByCodePoints(0, (int) (characters * 0.9)) : text.length();
        String train = text.substring(0, end);
        String evaluation = test == null ? text.substring(end) : test;
        Tokenizer tokenizer = given == null ? characters(text, evaluation) : given;
        return splits(
                source,
                TokenStream.of(train, tokenizer),
                TokenStream.of(evaluation, tokenizer),
                tokenizer,
                evaluation.codePointCount(0, evaluation.length()),
                test != null);
    }

    private static Tokenizer characters(String text, String more) {
        return CharTokenizer.of(IntStream.concat(text.codePoints(), more.codePoints()));
    }

    private TextSplits splitEncoded(List<Path> train, @Nullable Tokenizer given) {
        List<Path> test = where.test();
        if (train.size() != 1
                || test.size() > 1
                || !Stream.concat(train.stream(), test.stream()).allMatch(PlainText::isEncoded)) {
            throw new DataException(
                    "encoded text must be one file (text:FILE.tokens), or one each for train and"
                            + " test (text:train=A.tokens,test=B.tokens)");
        }
        TokenFile file = TokenFile.open(train.get(0));
        String json = given == null ? file.tokenizerJson() : given.json();
        requireTokenizer(train.get(0), file, json);
        TokenFile.Part[] parts = file.nineTenths();
        if (!test.isEmpty()) {
            TokenFile other = TokenFile.open(test.get(0));
            requireTokenizer(test.get(0), other, json);
            parts = new TokenFile.Part[] {file.all(), other.all()};
        }
        return splits(
                show(train),
                parts[0].tokens(),
                parts[1].tokens(),
                given == null ? file.tokenizer() : given,
                parts[1].characters(),
                !test.isEmpty());
    }

    private static void requireTokenizer(Path path, TokenFile file, String json) {
        if (!file.tokenizerJson().equals(json)) {
            throw new DataException(
                    path
                            + ": was encoded with another tokenizer; encode the text again with the"
                            + " tokenizer of the model");
        }
    }

    private static TextSplits splits(
            String source,
            TokenStream train,
            TokenStream evaluation,
            Tokenizer tokenizer,
            long characters,
            boolean tested) {
        String description =
                String.format(
                        Locale.ROOT,
                        "%s: %,d tokens to train on, %,d %s, vocabulary %,d",
                        source,
                        train.size(),
                        evaluation.size(),
                        tested
                                ? "to test on"
                                : "held out to evaluate on (the last tenth, as no test text is"
                                        + " given)",
                        tokenizer.vocabulary());
        return new TextSplits(description, train, evaluation, tokenizer, characters);
    }

    private static String read(List<Path> paths) {
        return expand(paths).stream().map(Utf8::read).collect(Collectors.joining(BETWEEN_FILES));
    }

    private static List<Path> expand(List<Path> paths) {
        List<Path> files = new ArrayList<>();
        for (Path path : paths) {
            files.addAll(Files.isDirectory(path) ? textsBelow(path) : List.of(path));
        }
        return files;
    }

    private static List<Path> textsBelow(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> files =
                    all.filter(Files::isRegularFile)
                            .filter(file -> file.toString().matches("(?i).*\\.(txt|md)"))
                            .sorted(Comparator.comparing(Path::toString))
                            .toList();
            if (files.isEmpty()) {
                throw new DataException(folder + ": must contain .txt or .md files, but has none");
            }
            return files;
        } catch (IOException e) {
            throw TextFiles.unreadable(folder, e);
        }
    }

    private static boolean isEncoded(Path file) {
        return file.toString().endsWith(TokenFile.SUFFIX);
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw TextFiles.unreadable(file, e);
        }
    }

    private static String show(List<Path> paths) {
        return paths.size() == 1 ? paths.get(0).toString() : paths.size() + " files";
    }
}
