package io.residuum.transformer.text;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.data.DataException;
import io.residuum.json.Json;
import io.residuum.transformer.text.encode.Encoding;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * A tokenizer with one token per character, that is per Unicode code point. Ids follow the order of
 * the code points.
 *
 * <p>Other characters are an error, unless the tokenizer has an id for unknown characters. That id
 * is the last one and decodes to U+FFFD.
 */
public final class CharTokenizer implements Tokenizer {
    static final String TYPE = "characters";

    private static final int REPLACEMENT = 0xFFFD;

    private final int[] alphabet;
    private final boolean unknown;

    private CharTokenizer(int[] alphabet, boolean unknown) {
        this.alphabet = alphabet;
        this.unknown = unknown;
    }

    /**
     * Creates a tokenizer from the characters of a text.
     *
     * @param text at least one character
     * @return the tokenizer, without an id for unknown characters
     * @throws DataException if the text is empty or contains half of a surrogate pair
     */
    public static CharTokenizer of(String text) {
        return of(text.codePoints());
    }

    /**
     * Creates a tokenizer from the characters of a file of any length.
     *
     * @param file text in UTF-8
     * @return the tokenizer, without an id for unknown characters
     * @throws DataException if the file is empty, cannot be read or is not UTF-8
     */
    public static CharTokenizer ofFile(Path file) {
        BitSet seen = new BitSet();
        Utf8.read(file, text -> text.codePoints().forEach(seen::set), bytes -> {});
        return of(seen.stream());
    }

    static CharTokenizer of(IntStream codePoints) {
        BitSet seen = new BitSet();
        codePoints.forEach(seen::set);
        int[] alphabet = seen.stream().toArray();
        if (alphabet.length == 0) {
            throw new DataException(
                    "the text for a tokenizer of characters must not be empty; give at least"
                            + " one character");
        }
        for (int c : alphabet) {
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                throw new DataException(
                        String.format(
                                "text must be valid Unicode, found U+%04X, half of a surrogate"
                                        + " pair",
                                c));
            }
        }
        return new CharTokenizer(alphabet, false);
    }

    /**
     * Returns a tokenizer that also has an id for unknown characters.
     *
     * @return a tokenizer with the same alphabet and one more id
     */
    public CharTokenizer withUnknown() {
        return new CharTokenizer(alphabet, true);
    }

    /** Reads what {@link #json} wrote. */
    static CharTokenizer read(Json json, String source) {
        if (!(json.get("alphabet") instanceof Json.Str letters)) {
            throw new DataException(
                    source + ": a tokenizer of characters must have a string \"alphabet\"");
        }
        CharTokenizer tokenizer = of(letters.value());
        return json.get("unknown").bool(false) ? tokenizer.withUnknown() : tokenizer;
    }

    @Override
    public int vocabulary() {
        return alphabet.length + (unknown ? 1 : 0);
    }

    @Override
    public int[] encode(String text) {
        return text.codePoints().map(this::id).toArray();
    }

    private int id(int codePoint) {
        int found = Arrays.binarySearch(alphabet, codePoint);
        if (found >= 0) {
            return found;
        }
        if (unknown) {
            return alphabet.length;
        }
        throw new DataException(
                String.format(
                        "text must consist of the %d characters that the tokenizer knows, found"
                                + " %sU+%04X",
                        alphabet.length, shown(codePoint), codePoint));
    }

    private static String shown(int codePoint) {
        return Character.isISOControl(codePoint) ? "" : "'" + Character.toString(codePoint) + "', ";
    }

    @Override
    public int[] encodeForModel(String text) {
        return encode(text);
    }

    @Override
    public Encoding tokens(String text) {
        int[] codePoints = text.codePoints().toArray();
        int[] starts = new int[codePoints.length];
        int[] ends = new int[codePoints.length];
        for (int i = 0, at = 0; i < codePoints.length; i++) {
            starts[i] = at;
            at += Character.charCount(codePoints[i]);
            ends[i] = at;
        }
        return new Encoding(
                Arrays.stream(codePoints).mapToObj(Character::toString).toList(),
                encode(text),
                starts,
                ends,
                IntStream.range(0, codePoints.length).toArray(),
                new boolean[codePoints.length]);
    }

    @Override
    public String decode(int... ids) {
        StringBuilder text = new StringBuilder(ids.length);
        for (int id : ids) {
            checkArgument(
                    id >= 0 && id < vocabulary(),
                    "a token id must be in [0, %s), got %s",
                    vocabulary(),
                    id);
            text.appendCodePoint(id < alphabet.length ? alphabet[id] : REPLACEMENT);
        }
        return text.toString();
    }

    @Override
    public SpecialTokens special() {
        OptionalInt none = OptionalInt.empty();
        return unknown
                ? new SpecialTokens(none, none, none, none, OptionalInt.of(alphabet.length))
                : SpecialTokens.NONE;
    }

    @Override
    public String json() {
        String letters = new String(alphabet, 0, alphabet.length);
        Json.Obj json = Json.object("type", TYPE, "alphabet", letters);
        return (unknown ? json.with("unknown", true) : json).compact();
    }

    /** Does nothing: there is nothing to free. */
    @Override
    public void close() {}

    @Override
    public boolean equals(Object other) {
        return other instanceof CharTokenizer that
                && unknown == that.unknown
                && Arrays.equals(alphabet, that.alphabet);
    }

    @Override
    public int hashCode() {
        return Objects.hash(unknown, Arrays.hashCode(alphabet));
    }

    @Override
    public String toString() {
        return vocabulary() + " characters";
    }
}
