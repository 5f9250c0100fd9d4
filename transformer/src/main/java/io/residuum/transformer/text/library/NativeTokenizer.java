package io.residuum.transformer.text.library;

import io.residuum.data.DataException;
import io.residuum.json.Json;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A {@code tokenizer.json} that the native library has opened.
 *
 * <p>An error inside the library (a Rust panic) ends the whole process. Therefore only files that
 * {@link KnownTokenizer} knows completely are opened in this process. The library opens all others
 * in a child process, with a time limit for each call. A file that ends the child, or exceeds the
 * limit, is refused with a {@link DataException}.
 */
public sealed interface NativeTokenizer extends AutoCloseable
        permits InProcessTokenizer, ChildProcessTokenizer {

    /** The deepest nesting in a file. Tokenizers of published models have 9 levels. */
    int MAX_DEPTH = 24;

    /** The largest id of a token. The largest published vocabularies have about 300,000 tokens. */
    int MAX_ID = (1 << 24) - 1;

    /**
     * Opens a tokenizer.
     *
     * @param json a {@code tokenizer.json} without truncation and padding
     * @param source the name of the source, for errors
     * @return the tokenizer, to be closed by the caller
     * @throws DataException if the library does not accept the file, or fails on it
     */
    static NativeTokenizer open(Json.Obj json, String source) {
        if (depth(json) > MAX_DEPTH) {
            throw new DataException(
                    String.format(
                            "%s:%d: a tokenizer.json must be nested at most %d levels deep, found"
                                    + " %d; nested parts of type \"Sequence\" can be joined",
                            source, json.line(), MAX_DEPTH, depth(json)));
        }
        Optional<String> unknown = KnownTokenizer.firstUnknown(json);
        return unknown.isEmpty()
                ? InProcessTokenizer.open(json.compact(), source)
                : ChildProcessTokenizer.open(json.compact(), source, unknown.get());
    }

    private static int depth(Json json) {
        int deepest = 0;
        for (Json member : json.members().values()) {
            deepest = Math.max(deepest, depth(member));
        }
        for (Json item : json.items()) {
            deepest = Math.max(deepest, depth(item));
        }
        return deepest + 1;
    }

    /**
     * Encodes a text.
     *
     * @param special true to add the special tokens that the model expects around a text
     * @return the ids
     * @throws DataException if the library cannot encode it
     */
    int[] encode(String text, boolean special);

    /**
     * Splits one or two texts into tokens with offsets.
     *
     * @param second the second text, null for none
     * @param special true to add the special tokens that the model expects
     * @throws DataException if the library cannot encode a text
     */
    NativeTokens tokens(String text, @Nullable String second, boolean special);

    /**
     * Decodes tokens, without special tokens.
     *
     * @param ids ids of the vocabulary
     * @return the text
     * @throws DataException if the library cannot decode them
     */
    String decode(int... ids);

    @Override
    void close();
}
