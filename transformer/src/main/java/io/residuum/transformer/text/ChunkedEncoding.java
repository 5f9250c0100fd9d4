package io.residuum.transformer.text;

/**
 * Encodes a text of any length in chunks. The tokenizers library is fastest with about 65,536 chars
 * per chunk.
 */
final class ChunkedEncoding {
    private static final int SIZE = 1 << 16;

    /** The largest chunk. A longer word or line is split in the middle. */
    private static final int MAX_CHARS = 1 << 24;

    private final Tokenizer tokenizer;
    private final SplitPoint splits;
    private final Sink sink;
    private final StringBuilder pending = new StringBuilder();

    /** The end of the part of {@code pending} that has no split point. */
    private int searched;

    /** Receives the tokens of each chunk. */
    interface Sink {
        void piece(int[] ids, int characters);
    }

    ChunkedEncoding(Tokenizer tokenizer, Sink sink) {
        this.tokenizer = tokenizer;
        this.splits = SplitPoint.of(tokenizer);
        this.sink = sink;
    }

    void add(CharSequence text) {
        for (int from = 0; from < text.length(); from += SIZE) {
            pending.append(text, from, Math.min(text.length(), from + SIZE));
            encodePending();
        }
    }

    private void encodePending() {
        // a split point depends on the next char, so one more char is needed
        while (pending.length() > SIZE) {
            int end = searched == 0 ? splits.last(pending, SIZE) : -1;
            if (end < 0) {
                end = splits.first(pending, Math.max(searched, SIZE));
            }
            if (end < 0 && pending.length() > MAX_CHARS) {
                end = SplitPoint.ANYWHERE.last(pending, MAX_CHARS);
            }
            if (end < 0) {
                searched = pending.length();
                return;
            }
            encode(pending.substring(0, end));
            pending.delete(0, end);
            searched = 0;
        }
    }

    void finish() {
        if (!pending.isEmpty()) {
            encode(pending.toString());
            pending.setLength(0);
        }
    }

    private void encode(String piece) {
        sink.piece(tokenizer.encode(piece), piece.codePointCount(0, piece.length()));
    }
}
