package io.residuum.transformer.text;

import static com.google.common.base.Preconditions.checkArgument;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.residuum.data.DataException;
import io.residuum.json.Json;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.PriorityQueue;

/**
 * The tokenizer of llama2.c: SentencePiece's byte-pair encoding. Of all neighbours that form a
 * token, the pair with the best score is merged first. Encoding adds a space before the text.
 * Characters without a token become the tokens of their bytes.
 *
 * <p>The file holds an int32, the length of the longest token. For each token a float32 score, an
 * int32 length and that many bytes follow, all little-endian. Ids 0, 1, 2 are unknown, beginning
 * and end. Ids 3 to 258 are the bytes, written {@code <0x00>} to {@code <0xFF>}.
 */
final class ScoredTokenizer implements Tokenizer {
    static final String TYPE = "llama2.c";

    private static final int UNKNOWN = 0;
    private static final int BEGINNING = 1;
    private static final int END = 2;
    private static final int FIRST_BYTE = 3;
    private static final int FIRST_PIECE = FIRST_BYTE + 256;

    private final byte[] file;
    private final byte[][] tokens;
    private final float[] scores;

    /** The ids by the bytes of a token, each byte stored as one char. */
    private final Map<String, Integer> pieces = new HashMap<>();

    private ScoredTokenizer(byte[] file, byte[][] tokens, float[] scores) {
        this.file = file;
        this.tokens = tokens;
        this.scores = scores;
        for (int id = FIRST_PIECE; id < tokens.length; id++) {
            pieces.putIfAbsent(new String(tokens[id], ISO_8859_1), id);
        }
    }

    /**
     * Reads a file.
     *
     * @param bytes the complete contents of the file
     * @param source the name of the file, for errors
     */
    static ScoredTokenizer read(byte[] bytes, String source) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int longest = in.remaining() < Integer.BYTES ? 0 : in.getInt();
        check(longest > 0, source, "must begin with the length of its longest token", longest);
        // a token needs at least 8 bytes, which bounds the arrays by the size of the file
        byte[][] tokens = new byte[in.remaining() / (Float.BYTES + Integer.BYTES)][];
        float[] scores = new float[tokens.length];
        int count = 0;
        while (in.hasRemaining()) {
            String token = "token " + count;
            check(
                    in.remaining() >= 8,
                    source,
                    token + " must have at least 8 bytes",
                    in.remaining());
            scores[count] = in.getFloat();
            check(
                    Float.isFinite(scores[count]),
                    source,
                    token + " must have a finite score",
                    "none");
            int length = in.getInt();
            check(
                    length >= 0 && length <= Math.min(longest, in.remaining()),
                    source,
                    token + " must have 0 to " + Math.min(longest, in.remaining()) + " bytes",
                    length);
            tokens[count] = new byte[length];
            in.get(tokens[count++]);
        }
        for (int b = 0; b < 256; b++) {
            int id = FIRST_BYTE + b;
            String wanted = String.format("<0x%02X>", b);
            check(
                    id < count && Arrays.equals(tokens[id], wanted.getBytes(UTF_8)),
                    source,
                    "token " + id + " must be " + wanted,
                    id < count ? new String(tokens[id], UTF_8) : "no token");
            tokens[id] = new byte[] {(byte) b};
        }
        return new ScoredTokenizer(
                bytes, Arrays.copyOf(tokens, count), Arrays.copyOf(scores, count));
    }

    /** Reads what {@link #json} wrote. */
    static ScoredTokenizer read(Json json, String source) {
        try {
            if (json.get("file") instanceof Json.Str file) {
                return read(Base64.getDecoder().decode(file.value()), source);
            }
        } catch (IllegalArgumentException e) {
            // Not base 64: the same complaint as for no string.
        }
        throw new DataException(source + ": a tokenizer of llama2.c must have a base-64 \"file\"");
    }

    private static void check(boolean holds, String source, String invariant, Object found) {
        if (!holds) {
            throw new DataException(
                    String.format(
                            "%s: is not a tokenizer of llama2.c: %s, found %s",
                            source, invariant, found));
        }
    }

    @Override
    public int vocabulary() {
        return tokens.length;
    }

    @Override
    public int[] encode(String text) {
        return text.isEmpty() ? new int[0] : new Merging(" " + text).run();
    }

    @Override
    public int[] encodeForModel(String text) {
        int[] ids = encode(text);
        int[] all = new int[ids.length + 1];
        all[0] = BEGINNING;
        System.arraycopy(ids, 0, all, 1, ids.length);
        return all;
    }

    @Override
    public String decode(int... ids) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int id : ids) {
            checkArgument(
                    id >= 0 && id < tokens.length,
                    "a token id must be in [0, %s), got %s",
                    tokens.length,
                    id);
            if (id >= FIRST_BYTE) {
                bytes.writeBytes(tokens[id]);
            }
        }
        String text = bytes.toString(UTF_8);
        return text.startsWith(" ") ? text.substring(1) : text;
    }

    @Override
    public SpecialTokens special() {
        return new SpecialTokens(
                OptionalInt.of(BEGINNING),
                OptionalInt.of(END),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.of(UNKNOWN));
    }

    @Override
    public String json() {
        String content = Base64.getEncoder().encodeToString(file);
        return Json.object("type", TYPE, "file", content).compact();
    }

    /** Does nothing: there is nothing to free. */
    @Override
    public void close() {}

    /** The encoding of one text: a linked list of symbols, merged in place. */
    private final class Merging {
        private static final int NONE = -1;

        private final int[] ids;
        private final int[] next;
        private final int[] previous;
        private int count;

        /** The candidate pairs, the best score first, then the leftmost. */
        private final PriorityQueue<Pair> queue = new PriorityQueue<>();

        private record Pair(int left, int leftId, int right, int rightId, int merged, float score)
                implements Comparable<Pair> {
            @Override
            public int compareTo(Pair other) {
                int byScore = Float.compare(other.score, score);
                return byScore != 0 ? byScore : Integer.compare(left, other.left);
            }
        }

        Merging(String text) {
            byte[] bytes = text.getBytes(UTF_8);
            ids = new int[bytes.length];
            for (int at = 0; at < bytes.length; ) {
                int end = at + 1;
                while (end < bytes.length && (bytes[end] & 0xC0) == 0x80) {
                    end++;
                }
                Integer id = pieces.get(new String(bytes, at, end - at, ISO_8859_1));
                if (id != null) {
                    ids[count++] = id;
                } else {
                    for (int i = at; i < end; i++) {
                        ids[count++] = FIRST_BYTE + (bytes[i] & 0xFF);
                    }
                }
                at = end;
            }
            next = new int[count];
            previous = new int[count];
            for (int i = 0; i < count; i++) {
                next[i] = i + 1 < count ? i + 1 : NONE;
                previous[i] = i - 1;
            }
        }

        int[] run() {
            for (int i = 0; i + 1 < count; i++) {
                offer(i, i + 1);
            }
            while (!queue.isEmpty()) {
                Pair best = queue.remove();
                // a symbol of the pair may have been merged with another one since
                if (ids[best.left] == best.leftId
                        && ids[best.right] == best.rightId
                        && next[best.left] == best.right) {
                    merge(best);
                }
            }
            int[] result = new int[count];
            int length = 0;
            for (int i = 0; i != NONE; i = next[i]) {
                result[length++] = ids[i];
            }
            return Arrays.copyOf(result, length);
        }

        private void merge(Pair pair) {
            ids[pair.left] = pair.merged;
            ids[pair.right] = NONE;
            int after = next[pair.right];
            next[pair.left] = after;
            if (after != NONE) {
                previous[after] = pair.left;
                offer(pair.left, after);
            }
            if (previous[pair.left] != NONE) {
                offer(previous[pair.left], pair.left);
            }
        }

        private void offer(int left, int right) {
            if (ids[left] < FIRST_PIECE || ids[right] < FIRST_PIECE) {
                return; // tokens of single bytes are never merged
            }
            Integer merged = pieces.get(spelling(ids[left]) + spelling(ids[right]));
            if (merged != null) {
                queue.add(new Pair(left, ids[left], right, ids[right], merged, scores[merged]));
            }
        }

        private String spelling(int id) {
            return new String(tokens[id], ISO_8859_1);
        }
    }
}
