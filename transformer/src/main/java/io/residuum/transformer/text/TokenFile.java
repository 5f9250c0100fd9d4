package io.residuum.transformer.text;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.residuum.data.DataException;
import io.residuum.files.AtomicFiles;
import io.residuum.weights.MappedFile;
import io.residuum.weights.WeightsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.LongConsumer;

/**
 * A text that was encoded once, and the tokenizer that did it. The file is mapped into memory: it
 * may be larger than that, and opens at once.
 *
 * <p>All numbers are little-endian:
 *
 * <pre>
 * 8 bytes     RSDTOK01
 * tokens      each 2 bytes for a vocabulary of up to 65,536, else 4
 * pieces      each an int32 of tokens and an int32 of characters
 * tokenizer   {@link Tokenizer#json} in UTF-8
 * 40 bytes    int64 tokens, int64 pieces, int64 bytes of the tokenizer, int32 bytes a token,
 *             int32 vocabulary, RSDTOK01
 * </pre>
 *
 * <p>A text is encoded in pieces of some 65,536 chars, so that a text of any length needs little
 * memory. For characters, and for a {@code tokenizer.json} that divides text into words at spaces,
 * as byte-level BPE and WordPiece do, the tokens are those of the whole text: a piece ends with a
 * letter or digit ahead of a space. For others, such as SentencePiece's, a piece ends with a line
 * and is encoded like a text of its own.
 */
public final class TokenFile {
    /** What names of such files end with. */
    public static final String SUFFIX = ".tokens";

    static final byte[] MAGIC = "RSDTOK01".getBytes(US_ASCII);
    static final int FOOTER = 3 * Long.BYTES + 2 * Integer.BYTES + MAGIC.length;
    static final int PIECE = 2 * Integer.BYTES;
    private static final int SHORT_VOCABULARY = 1 << 16;

    private final TokenStream tokens;
    private final int[] pieceTokens;
    private final int[] pieceCharacters;
    private final String tokenizer;

    private TokenFile(
            TokenStream tokens, int[] pieceTokens, int[] pieceCharacters, String tokenizer) {
        this.tokens = tokens;
        this.pieceTokens = pieceTokens;
        this.pieceCharacters = pieceCharacters;
        this.tokenizer = tokenizer;
    }

    /**
     * A part of a text.
     *
     * @param tokens its tokens
     * @param characters how many characters (Unicode code points) they stand for
     */
    record Part(TokenStream tokens, long characters) {}

    /**
     * Encodes a file of text.
     *
     * @param text a file in UTF-8
     * @param tokenizer turns it into tokens, without special tokens
     * @param file where to; replaced as a whole or not at all
     * @param progress takes how many bytes of the text are done, now and then
     * @return how many tokens were written
     * @throws DataException if the text cannot be read, is not UTF-8, or the tokenizer refuses it
     * @throws IOException if the file cannot be written
     */
    public static long write(Path text, Tokenizer tokenizer, Path file, LongConsumer progress)
            throws IOException {
        TokenWriter writer = new TokenWriter(tokenizer.vocabulary());
        AtomicFiles.write(
                file,
                out -> {
                    writer.begin(out);
                    ChunkedEncoding pieces = new ChunkedEncoding(tokenizer, writer::piece);
                    try {
                        Utf8.read(text, pieces::add, progress);
                        pieces.finish();
                    } catch (UncheckedIOException e) {
                        throw Objects.requireNonNull(e.getCause());
                    }
                    writer.end(tokenizer.json());
                });
        return writer.tokens();
    }

    /**
     * Opens a file.
     *
     * @param file as {@link #write} wrote it
     * @return the file
     * @throws DataException if it is something else, or damaged
     */
    public static TokenFile open(Path file) {
        MappedFile mapped;
        try {
            mapped = MappedFile.open(file);
        } catch (WeightsException e) {
            throw new DataException(String.valueOf(e.getMessage()), e);
        }
        long size = mapped.size();
        check(size >= MAGIC.length + FOOTER, file, "must not be shorter than an empty one", size);
        ByteBuffer footer = mapped.slice(size - FOOTER, FOOTER);
        long tokens = footer.getLong();
        long pieces = footer.getLong();
        long json = footer.getLong();
        int width = footer.getInt();
        int vocabulary = footer.getInt();
        byte[] magic = new byte[MAGIC.length];
        footer.get(magic);
        check(Arrays.equals(magic, MAGIC), file, "must end with RSDTOK01", "other bytes");
        check(vocabulary > 0, file, "the vocabulary must be above 0", vocabulary);
        check(
                width == width(vocabulary),
                file,
                "a token must have as many bytes as the vocabulary needs",
                width);
        check(tokens >= 0 && tokens <= size / width, file, "the tokens must fit", tokens);
        check(pieces >= 0 && pieces <= size / PIECE, file, "the pieces must fit", pieces);
        check(json >= 0 && json <= MappedFile.MAX_SLICE, file, "the tokenizer must fit", json);
        long all = MAGIC.length + tokens * width + pieces * PIECE + json + FOOTER;
        check(all == size, file, "must be " + all + " bytes long", size);

        long at = MAGIC.length + tokens * width;
        check(pieces <= MappedFile.MAX_SLICE / PIECE, file, "the pieces must fit", pieces);
        ByteBuffer table = mapped.slice(at, (int) pieces * PIECE);
        int[] pieceTokens = new int[(int) pieces];
        int[] pieceCharacters = new int[(int) pieces];
        long sum = 0;
        for (int i = 0; i < pieceTokens.length; i++) {
            pieceTokens[i] = table.getInt();
            pieceCharacters[i] = table.getInt();
            boolean positive = pieceTokens[i] >= 0 && pieceCharacters[i] > 0;
            check(positive, file, "piece " + i + " must have tokens and characters", "less than 0");
            sum += pieceTokens[i];
        }
        check(sum == tokens, file, "the pieces must have " + tokens + " tokens together", sum);
        String tokenizer = UTF_8.decode(mapped.slice(at + pieces * PIECE, (int) json)).toString();
        return new TokenFile(
                new TokenStream(storage(mapped, width), 0, tokens, vocabulary),
                pieceTokens,
                pieceCharacters,
                tokenizer);
    }

    private static TokenStream.Storage storage(MappedFile mapped, int width) {
        return (from, into, offset, length) -> {
            int most = MappedFile.MAX_SLICE / width;
            for (int done = 0; done < length; done += most) {
                int count = Math.min(most, length - done);
                ByteBuffer bytes =
                        mapped.slice(MAGIC.length + (from + done) * width, count * width);
                for (int i = 0; i < count; i++) {
                    into[offset + done + i] =
                            width == Short.BYTES
                                    ? Short.toUnsignedInt(bytes.getShort())
                                    : bytes.getInt();
                }
            }
        };
    }

    private static void check(boolean holds, Path file, String invariant, Object found) {
        if (!holds) {
            throw new DataException(
                    String.format(
                            "%s: is no whole file of tokens: %s, found %s",
                            file, invariant, found));
        }
    }

    static int width(int vocabulary) {
        return vocabulary <= SHORT_VOCABULARY ? Short.BYTES : Integer.BYTES;
    }

    /**
     * The tokens.
     *
     * @return all of them
     */
    public TokenStream tokens() {
        return tokens;
    }

    /**
     * The tokenizer that wrote the file.
     *
     * @return a tokenizer of its own for each call
     * @throws DataException if the file holds none, or one with another vocabulary
     */
    public Tokenizer tokenizer() {
        Tokenizer own = Tokenizers.parse(tokenizer);
        if (own.vocabulary() != tokens.vocabulary()) {
            own.close();
            throw new DataException(
                    String.format(
                            "a file of tokens must have the vocabulary of its tokenizer, %d, found"
                                    + " %d",
                            own.vocabulary(), tokens.vocabulary()));
        }
        return own;
    }

    /** The tokenizer, as it writes itself. */
    String tokenizerJson() {
        return tokenizer;
    }

    /** Everything. */
    Part whole() {
        return part(0, pieceTokens.length);
    }

    /** The pieces of the first nine tenths of the tokens, and the rest. */
    Part[] nineTenths() {
        long wanted = tokens.size() / 10 * 9;
        long sum = 0;
        int piece = 0;
        while (piece < pieceTokens.length - 1
                && (piece == 0 || sum + pieceTokens[piece] <= wanted)) {
            sum += pieceTokens[piece++];
        }
        return new Part[] {part(0, piece), part(piece, pieceTokens.length)};
    }

    private Part part(int fromPiece, int toPiece) {
        long start = Arrays.stream(pieceTokens, 0, fromPiece).asLongStream().sum();
        long size = Arrays.stream(pieceTokens, fromPiece, toPiece).asLongStream().sum();
        long characters = Arrays.stream(pieceCharacters, fromPiece, toPiece).asLongStream().sum();
        return new Part(tokens.slice(start, start + size), characters);
    }
}
