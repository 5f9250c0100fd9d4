package io.residuum.transformer.text;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.json.Json;
import io.residuum.transformer.text.library.NativeTokenizer;

/**
 * A {@code tokenizer.json}, run by the tokenizers library of Hugging Face as packaged by DJL. It
 * ignores the file's settings for truncation and padding. {@link NativeTokenizer} says what is
 * trusted.
 */
final class LibraryTokenizer implements Tokenizer {
    private final NativeTokenizer library;
    private final String json;
    private final boolean splitsAtSpaces;
    private final int vocabulary;
    private final SpecialTokens special;

    private LibraryTokenizer(NativeTokenizer library, Json.Obj json, SpecialNames names) {
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
        SpecialNames names = new SpecialNames(own, source);
        NativeTokenizer library = NativeTokenizer.open(own.without(SpecialNames.KEY), source);
        return new LibraryTokenizer(library, own, names);
    }

    @Override
    public int vocabulary() {
        return vocabulary;
    }

    @Override
    public int[] encode(String text) {
        return library.encode(text, false);
    }

    @Override
    public int[] encodeForModel(String text) {
        return library.encode(text, true);
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
        return library.decode(ids);
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
