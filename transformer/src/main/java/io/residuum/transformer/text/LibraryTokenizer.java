package io.residuum.transformer.text;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.util.Utils;
import io.residuum.data.DataException;
import io.residuum.json.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * A {@code tokenizer.json}, run by the tokenizers library of Hugging Face as packaged by DJL. It
 * ignores the file's settings for truncation and padding.
 */
final class LibraryTokenizer implements Tokenizer {
    private static final Map<String, String> OPTIONS =
            Map.of("truncation", "false", "padding", "false");

    private final HuggingFaceTokenizer library;
    private final String json;
    private final boolean splitsAtSpaces;
    private final int vocabulary;
    private final SpecialTokens special;

    private LibraryTokenizer(HuggingFaceTokenizer library, Json.Obj json, SpecialNames names) {
        this.library = library;
        this.json = json.compact();
        this.splitsAtSpaces = PreTokenizers.splitAtSpaces(json);
        this.vocabulary = names.vocabulary();
        this.special = names.find();
    }

    /**
     * Opens a tokenizer.
     *
     * @param json a {@code tokenizer.json}, possibly with the names of special tokens
     * @param source the name of the source, for errors
     */
    static LibraryTokenizer of(Json.Obj json, String source) {
        Json.Obj own =
                SpecialNames.keepPadding(json).with("truncation", null).with("padding", null);
        SpecialNames names = new SpecialNames(own);
        if (names.vocabulary() < 1 || names.least() < 0) {
            throw new DataException(
                    source + ": the tokenizer's model must have a vocabulary with ids from 0");
        }
        HuggingFaceTokenizer library = open(own.without(SpecialNames.KEY), source);
        return new LibraryTokenizer(library, own, names);
    }

    private static HuggingFaceTokenizer open(Json json, String source) {
        // the library calls nobody and downloads nothing, unless the user wants it
        setIfAbsent("OPT_OUT_TRACKING", "true");
        setIfAbsent("RUST_FLAVOR", "cpu");
        byte[] bytes = json.compact().getBytes(StandardCharsets.UTF_8);
        try {
            return HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(bytes), OPTIONS);
        } catch (EngineException | LinkageError e) {
            throw new DataException(
                    String.format(
                            "%s: the tokenizers library does not run on this machine (%s, %s); it"
                                    + " is built for Linux and macOS on aarch64 and for Linux and"
                                    + " Windows on x86-64",
                            source, System.getProperty("os.name"), System.getProperty("os.arch")),
                    e);
        } catch (IOException | RuntimeException e) {
            throw new DataException(
                    source
                            + ": the tokenizers library does not accept this tokenizer.json: "
                            + TextFiles.firstLine(String.valueOf(e.getMessage())),
                    e);
        }
    }

    private static void setIfAbsent(String name, String value) {
        String set = Utils.getEnvOrSystemProperty(name);
        if (set == null || set.isEmpty()) {
            System.setProperty(name, value);
        }
    }

    @Override
    public int vocabulary() {
        return vocabulary;
    }

    @Override
    public int[] encode(String text) {
        return encode(text, false);
    }

    @Override
    public int[] encodeForModel(String text) {
        return encode(text, true);
    }

    private int[] encode(String text, boolean around) {
        try {
            long[] ids = library.encode(text, around, false).getIds();
            return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
        } catch (IllegalStateException e) {
            throw e; // the tokenizer is closed
        } catch (RuntimeException e) {
            throw new DataException(
                    "the tokenizer cannot encode this text: "
                            + TextFiles.firstLine(String.valueOf(e.getMessage())),
                    e);
        }
    }

    @Override
    public String decode(int... ids) {
        for (int id : ids) {
            checkArgument(
                    id >= 0 && id < vocabulary,
                    "a token id must be in [0, %s), got %s",
                    vocabulary,
                    id);
        }
        return library.decode(Arrays.stream(ids).asLongStream().toArray(), true);
    }

    @Override
    public SpecialTokens special() {
        return special;
    }

    @Override
    public String json() {
        return json;
    }

    /**
     * Returns true if a text may be split between a letter or digit and the white space after it,
     * without changing its tokens.
     */
    boolean splitsAtSpaces() {
        return splitsAtSpaces;
    }

    @Override
    public void close() {
        library.close();
    }
}
