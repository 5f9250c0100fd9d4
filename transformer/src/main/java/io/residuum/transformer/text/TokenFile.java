package io.residuum.transformer.text;

import static java.nio.charset.StandardCharsets.US_ASCII;

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
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * An encoded text with its tokenizer. The file is memory-mapped: it opens immediately and may be
 * larger than memory.
 *
 * <p>All numbers are little-endian:
 *
 * <pre>
 * 8 bytes     RSDTOK01
 * tokens      each 2 bytes for a vocabulary of up to 65,536, else 4
 * pieces      each an int32 of tokens and an int32 of characters
 * tokenizer   {@link Tokenizer#json} in UTF-8
 * 40 bytes    int64 tokens, int64 pieces, int64 bytes of the tokenizer, int32 bytes per token,
 *             int32 vocabulary, RSDTOK01
 * </pre>
 *
 * <p>A text is encoded in pieces of about 65,536 chars, so that a text of any length needs little
 * memory. For tokenizers that split text into words at spaces, a piece ends with a letter or digit
 * before a space. Byte-level BPE, WordPiece and characters are of this kind; the tokens are the
 * same as without pieces. For others, such as SentencePiece, a piece ends with a line and is
 * encoded like a separate text.
 */
public final class TokenFile {
    /** The extension of file names. */
    public static final String SUFFIX = ".tokens";

    static final byte[] MAGIC = "RSDTOK01".getBytes(US_ASCII);
    static final int FOOTER = 3 * Long.BYTES + 2 * Integer.BYTES + MAGIC.length;
    static final int PIECE = 2 * Integer.BYTES;
    private static final int SHORT_VOCABULARY = 1 << 16;

    private final TokenStream tokens;
    private final int[] pieceTokens;
    private final int[] pieceCharacters;
    private final Path file;
    private final String tokenizer;

    private TokenFile(
            TokenStream tokens,
            int[] pieceTokens,
            int[] pieceCharacters,
            Path file,
            String tokenizer) {
        this.tokens = tokens;
        this.pieceTokens = pieceTokens;
        this.pieceCharacters = pieceCharacters;
        this.file = file;
        this.tokenizer = tokenizer;
    }

    /** Two parts of a text. The second may be missing. */
    record Split(TextSplits.Part kept, Optional<TextSplits.Part> heldOut) {}

    /**
     * Encodes a text file.
     *
     * @param text a file in UTF-8
     * @param tokenizer the tokenizer; no special tokens are added
     * @param file the file to write; it is replaced atomically
     * @param progress a function that receives the number of bytes encoded so far
     * @return the number of tokens written
     * @throws DataException if the text cannot be read, is not UTF-8, or cannot be encoded
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
     * @param file a file written by {@link #write}
     * @return the encoded text
     * @throws DataException if the file is damaged or of another kind
     */
    public static TokenFile open(Path file) {
        MappedFile mapped;
        try {
            mapped = MappedFile.open(file);
        } catch (WeightsException e) {
            throw new DataException(String.valueOf(e.getMessage()), e);
        }
        long size = mapped.size();
        check(
                size >= MAGIC.length + FOOTER,
                file,
                "must be at least " + (MAGIC.length + FOOTER) + " bytes long",
                size);
        ByteBuffer footer = mapped.slice(size - FOOTER, FOOTER);
        long tokens = footer.getLong();
        long pieces = footer.getLong();
        long json = footer.getLong();
        int width = footer.getInt();
        int vocabulary = footer.getInt();
        byte[] magic = new byte[MAGIC.length];
        footer.get(magic);
        check(Arrays.equals(magic, MAGIC), file, "must end with RSDTOK01", "other bytes");
        check(vocabulary > 0, file, "the vocabulary must be positive", vocabulary);
        check(
                width == width(vocabulary),
                file,
                "bytes per token must be " + width(vocabulary),
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
        check(sum == tokens, file, "the pieces must have " + tokens + " tokens in total", sum);
        byte[] tokenizer = new byte[(int) json];
        mapped.slice(at + pieces * PIECE, tokenizer.length).get(tokenizer);
        return new TokenFile(
                new TokenStream(storage(mapped, width), 0, tokens, vocabulary),
                pieceTokens,
                pieceCharacters,
                file,
                Utf8.decode(tokenizer, file + ": the tokenizer"));
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
                            "%s: is not a complete file of tokens: %s, found %s",
                            file, invariant, found));
        }
    }

    static int width(int vocabulary) {
        return vocabulary <= SHORT_VOCABULARY ? Short.BYTES : Integer.BYTES;
    }

    /**
     * Returns the tokens.
     *
     * @return all tokens of the text
     */
    public TokenStream tokens() {
        return tokens;
    }

    /**
     * Creates the tokenizer that wrote the file.
     *
     * @throws DataException if the file holds no tokenizer, or one with another vocabulary
     */
    public Tokenizer tokenizer() {
        Tokenizer own = Tokenizers.parse(tokenizer, file + " (tokenizer)");
        if (own.vocabulary() != tokens.vocabulary()) {
            own.close();
            throw new DataException(
                    String.format(
                            "%s: the vocabulary of the file must be that of its tokenizer, %d,"
                                    + " found %d",
                            file, own.vocabulary(), tokens.vocabulary()));
        }
        return own;
    }

    /** Returns the JSON of the tokenizer. */
    String tokenizerJson() {
        return tokenizer;
    }

    /** Returns the complete text. */
    TextSplits.Part all() {
        return part(0, pieceTokens.length);
    }

    /** Splits a share of the tokens from the end of the text, at a piece; 0 for none. */
    Split split(double share) {
        if (share == 0) {
            return new Split(all(), Optional.empty());
        }
        long wanted = (long) (tokens.size() * (1 - share));
        long sum = 0;
        int piece = 0;
        while (piece < pieceTokens.length - 1
                && (piece == 0 || sum + pieceTokens[piece] <= wanted)) {
            sum += pieceTokens[piece++];
        }
        return new Split(part(0, piece), Optional.of(part(piece, pieceTokens.length)));
    }

    private TextSplits.Part part(int fromPiece, int toPiece) {
        long start = Arrays.stream(pieceTokens, 0, fromPiece).asLongStream().sum();
        long size = Arrays.stream(pieceTokens, fromPiece, toPiece).asLongStream().sum();
        long characters = Arrays.stream(pieceCharacters, fromPiece, toPiece).asLongStream().sum();
        return new TextSplits.Part(tokens.slice(start, start + size), characters);
    }
}
