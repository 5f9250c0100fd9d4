package io.residuum.transformer.text;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.data.DataException;
import java.util.Objects;

/**
 * A text as token ids, one after another: in memory, or in a file that is read where it is needed.
 * May be read by several threads.
 */
public final class TokenStream {
    private final Storage storage;
    private final long start;
    private final long size;
    private final int vocabulary;

    /** Where tokens lie. */
    interface Storage {
        /** Copies tokens; the range has been checked, the ids have not. */
        void read(long from, int[] into, int offset, int length);
    }

    TokenStream(Storage storage, long start, long size, int vocabulary) {
        this.storage = storage;
        this.start = start;
        this.size = size;
        this.vocabulary = vocabulary;
    }

    /**
     * Takes tokens from memory.
     *
     * @param ids the tokens; copied
     * @param vocabulary ids are in [0, vocabulary)
     * @return the stream
     */
    public static TokenStream of(int[] ids, int vocabulary) {
        int[] own = ids.clone();
        return new TokenStream(
                (from, into, offset, length) ->
                        System.arraycopy(own, Math.toIntExact(from), into, offset, length),
                0,
                own.length,
                vocabulary);
    }

    /**
     * Encodes a text into memory, in pieces as {@link TokenFile} does.
     *
     * @param text any text
     * @param tokenizer turns it into tokens, without special tokens
     * @return the stream
     * @throws DataException if the tokenizer refuses the text
     */
    public static TokenStream of(String text, Tokenizer tokenizer) {
        IdList ids = new IdList();
        ChunkedEncoding pieces =
                new ChunkedEncoding(tokenizer, (piece, characters) -> ids.add(piece));
        pieces.add(text);
        pieces.finish();
        return of(ids.toArray(), tokenizer.vocabulary());
    }

    /**
     * The number of tokens.
     *
     * @return 0 or more
     */
    public long size() {
        return size;
    }

    /**
     * The number of different ids.
     *
     * @return ids are in [0, vocabulary)
     */
    public int vocabulary() {
        return vocabulary;
    }

    /**
     * Copies tokens.
     *
     * @param from the first one
     * @param into where to
     * @param offset where to begin there
     * @param length how many
     * @throws IndexOutOfBoundsException if the stream or the array is shorter than that
     * @throws DataException if an id is not in [0, vocabulary): the file is damaged
     */
    public void read(long from, int[] into, int offset, int length) {
        Objects.checkFromIndexSize(from, length, size);
        Objects.checkFromIndexSize(offset, length, into.length);
        storage.read(start + from, into, offset, length);
        for (int i = offset; i < offset + length; i++) {
            if (into[i] < 0 || into[i] >= vocabulary) {
                throw new DataException(
                        String.format(
                                "token %,d must be in [0, %d), found %d",
                                start + from + i - offset, vocabulary, into[i]));
            }
        }
    }

    /**
     * Copies tokens.
     *
     * @param from the first one
     * @param length how many
     * @return the tokens
     */
    public int[] read(long from, int length) {
        int[] ids = new int[length];
        read(from, ids, 0, length);
        return ids;
    }

    /**
     * Returns a part.
     *
     * @param from the first token
     * @param to the first token behind the part
     * @return a view of this stream
     */
    public TokenStream slice(long from, long to) {
        checkArgument(
                0 <= from && from <= to && to <= size,
                "a part must be in [0, %s], got [%s, %s)",
                size,
                from,
                to);
        return new TokenStream(storage, start + from, to - from, vocabulary);
    }
}
