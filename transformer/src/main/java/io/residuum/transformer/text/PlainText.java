package io.residuum.transformer.text;

import io.residuum.data.DataException;
import io.residuum.data.Locations;
import io.residuum.train.Recipe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Running text, for language models. */
public final class PlainText implements TextSource {

    /** The documentation of this project: English text that is always available. */
    public static final PlainText DOCUMENTATION =
            new PlainText(new Locations(List.of(), List.of(), List.of(), List.of()));

    /** The size limit in bytes. Each run encodes the text again and holds it in memory. */
    static final long MAX_BYTES = 64L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(PlainText.class);

    private static final String BETWEEN_FILES = "\n\n";

    private final Locations where;

    private PlainText(Locations where) {
        this.where = where;
    }

    static PlainText at(Locations where) {
        boolean one = where.all().size() == where.plain().size();
        boolean parts = where.plain().isEmpty() && !where.train().isEmpty();
        if (where.all().isEmpty() || (!one && !parts)) {
            throw new DataException(
                    "text needs files or folders (text:FILE), or some for each part"
                            + " (text:train=FILE,val=FILE,test=FILE)");
        }
        return new PlainText(where);
    }

    /**
     * Opens the text. The tokenizer comes from the encoded file; for plain text it has one token
     * per character. The last tenth of the training text is held out for validation, if there is no
     * validation text.
     *
     * @return the training, validation and test texts
     * @throws DataException if a file is invalid, or too large to be encoded now
     */
    public TextSplits open() {
        return open(Recipe.defaults().validation());
    }

    /**
     * Opens the text as {@link #open()}, with another share to hold out.
     *
     * @param validation the share of the training text to hold out for validation, in [0, 1), if
     *     there is no validation text: {@link Recipe#validation}
     * @return the training, validation and test texts
     * @throws DataException as {@link #open()}
     */
    public TextSplits open(double validation) {
        return split(null, validation);
    }

    /**
     * Opens the text with a given tokenizer.
     *
     * @param validation as for {@link #open(double)}
     * @return the training, validation and test texts
     * @throws DataException as {@link #open()}, and if the text was encoded with another tokenizer
     */
    public TextSplits open(Tokenizer tokenizer, double validation) {
        return split(tokenizer, validation);
    }

    private TextSplits split(@Nullable Tokenizer tokenizer, double share) {
        if (this == DOCUMENTATION) {
            String text = Documentation.text();
            return splitText("Residuum's documentation", text, "", "", share, tokenizer);
        }
        List<Path> train = where.train().isEmpty() ? where.plain() : where.train();
        if (where.all().stream().anyMatch(PlainText::isEncoded)) {
            return splitEncoded(train, share, tokenizer);
        }
        long bytes = 0;
        List<Path> files = expand(where.all());
        where.all().stream().filter(Files::isDirectory).forEach(dir -> noteOthers(dir, files));
        for (Path file : files) {
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
                nonEmpty(train),
                nonEmpty(where.validation()),
                nonEmpty(where.test()),
                share,
                tokenizer);
    }

    /** Reads files, which must contain text; returns the empty text for no files. */
    private static String nonEmpty(List<Path> files) {
        String text = read(files);
        if (!files.isEmpty() && text.isEmpty()) {
            throw new DataException(show(files) + ": must contain text, but is empty");
        }
        return text;
    }

    /**
     * Splits a text.
     *
     * @param validation the validation text, empty to hold out the end of the text
     * @param test the test text, empty for none
     */
    private static TextSplits splitText(
            String source,
            String text,
            String validation,
            String test,
            double share,
            @Nullable Tokenizer given) {
        // trains on the first nine tenths of the characters by default, as nanoGPT does
        int characters = text.codePointCount(0, text.length());
        boolean own = !validation.isEmpty();
        int end =
                own ? text.length() : text.offsetByCodePoints(0, (int) (characters * (1 - share)));
        Tokenizer tokenizer =
                given == null ? CharTokenizer.of((text + validation + test).codePoints()) : given;
        return new TextSplits(
                source,
                TokenStream.of(text.substring(0, end), tokenizer),
                part(own ? validation : text.substring(end), tokenizer),
                part(test, tokenizer),
                own ? OptionalDouble.empty() : OptionalDouble.of(share),
                tokenizer);
    }

    private static Optional<TextSplits.Part> part(String text, Tokenizer tokenizer) {
        return text.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new TextSplits.Part(
                                TokenStream.of(text, tokenizer),
                                text.codePointCount(0, text.length())));
    }

    private TextSplits splitEncoded(List<Path> train, double share, @Nullable Tokenizer given) {
        List<Path> validation = where.validation();
        List<Path> test = where.test();
        if (train.size() != 1
                || validation.size() > 1
                || test.size() > 1
                || !where.all().stream().allMatch(PlainText::isEncoded)) {
            throw new DataException(
                    "encoded text must be one file (text:FILE.tokens), or one for each part"
                            + " (text:train=A.tokens,val=B.tokens,test=C.tokens)");
        }
        TokenFile file = TokenFile.open(train.get(0));
        String json = given == null ? file.tokenizerJson() : given.json();
        requireTokenizer(train.get(0), file, json);
        TokenFile.Split own = file.split(validation.isEmpty() ? share : 0);
        return new TextSplits(
                show(train),
                own.kept().tokens(),
                validation.isEmpty() ? own.heldOut() : encoded(validation, json),
                encoded(test, json),
                validation.isEmpty() ? OptionalDouble.of(share) : OptionalDouble.empty(),
                given == null ? file.tokenizer() : given);
    }

    private static Optional<TextSplits.Part> encoded(List<Path> files, String tokenizer) {
        return files.stream()
                .findFirst()
                .map(
                        path -> {
                            TokenFile file = TokenFile.open(path);
                            requireTokenizer(path, file, tokenizer);
                            return file.all();
                        });
    }

    private static void requireTokenizer(Path path, TokenFile file, String json) {
        if (!file.tokenizerJson().equals(json)) {
            throw new DataException(
                    path
                            + ": was encoded with another tokenizer; encode the text again with the"
                            + " tokenizer of the model");
        }
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
        try (Stream<Path> all = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            List<Path> files =
                    all.filter(Files::isRegularFile)
                            .filter(file -> file.toString().matches("(?i).*\\.(txt|md)"))
                            .sorted(Comparator.comparing(Path::toString))
                            .toList();
            if (files.isEmpty()) {
                throw new DataException(folder + ": must contain .txt or .md files, but has none");
            }
            return files;
        } catch (UncheckedIOException e) {
            // a link to a folder that holds it
            throw TextFiles.unreadable(folder, Objects.requireNonNull(e.getCause()));
        } catch (IOException e) {
            throw TextFiles.unreadable(folder, e);
        }
    }

    /** Logs the number of files below a folder that are no texts, apart from hidden ones. */
    private static void noteOthers(Path folder, List<Path> texts) {
        Set<Path> read = Set.copyOf(texts);
        try (Stream<Path> all = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            long others =
                    all.filter(file -> Files.isRegularFile(file) && !read.contains(file))
                            .map(file -> "/" + folder.relativize(file))
                            .filter(name -> !name.contains("/."))
                            .count();
            if (others > 0) {
                LOG.warn("{}: {} files left out, no .txt or .md files", folder, others);
            }
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
