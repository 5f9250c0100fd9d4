package io.residuum.transformer.text;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.residuum.data.DataException;
import java.util.Arrays;
import java.util.Objects;

/** A sequence of token ids, in memory or read from a file on demand. Thread-safe. */
public final class TokenStream {
    private static final int BLOCK = 1 << 16;
    private static final int HASHED_BLOCKS = 1 << 10;

    private final Storage storage;
    private final long start;
    private final long size;
    private final int vocabulary;

    /** The storage of tokens. */
    interface Storage {
        /** Copies tokens. The caller has checked the range and checks the ids afterwards. */
        void read(long from, int[] into, int offset, int length);
    }

    TokenStream(Storage storage, long start, long size, int vocabulary) {
        this.storage = storage;
        this.start = start;
        this.size = size;
        this.vocabulary = vocabulary;
    }

    /**
     * Creates a stream from ids in memory.
     *
     * @param ids the tokens, which are copied
     * @param vocabulary the bound of the ids, which are in [0, vocabulary)
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
     * Encodes a text into memory, in the pieces of {@link TokenFile}.
     *
     * @param text any text
     * @param tokenizer the tokenizer; no special tokens are added
     * @throws DataException if the text cannot be encoded
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
     * Returns the number of tokens.
     *
     * @return the number of tokens, 0 or more
     */
    public long size() {
        return size;
    }

    /**
     * Returns the size of the vocabulary.
     *
     * @return the bound of the ids, which are in [0, vocabulary)
     */
    public int vocabulary() {
        return vocabulary;
    }

    /**
     * Copies tokens into an array.
     *
     * @param from the index of the first token
     * @param into the target array
     * @param offset the index of the first element in the target
     * @param length the number of tokens
     * @throws IndexOutOfBoundsException if the range exceeds the stream or the array
     * @throws DataException if an id is not in [0, vocabulary), because the file is damaged
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
     * @param from the index of the first token
     * @param length the number of tokens
     */
    public int[] read(long from, int length) {
        int[] ids = new int[length];
        read(from, ids, 0, length);
        return ids;
    }

    /**
     * Returns a hash of the tokens, which does not depend on their file. Of more than 64 million
     * tokens, it covers the number and blocks that are spread evenly over the stream.
     */
    String fingerprint() {
        Hasher hasher = Hashing.murmur3_128().newHasher().putLong(size).putInt(vocabulary);
        long blocks = (size + BLOCK - 1) / BLOCK;
        long step = Math.max(1, blocks / HASHED_BLOCKS);
        int[] ids = new int[(int) Math.min(size, BLOCK)];
        for (long block = 0; block < blocks; block += step) {
            int count = (int) Math.min(BLOCK, size - block * BLOCK);
            read(block * BLOCK, ids, 0, count);
            Arrays.stream(ids, 0, count).forEach(hasher::putInt);
        }
        return hasher.hash().toString();
    }

    /**
     * Returns a part of this stream.
     *
     * @param from the index of the first token
     * @param to the index after the last token
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
