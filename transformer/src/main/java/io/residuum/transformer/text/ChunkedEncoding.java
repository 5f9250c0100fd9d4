package io.residuum.transformer.text;

/**
 * Encodes a text of any length piece by piece. Pieces of some 65,536 chars are what the tokenizers
 * library is fastest at.
 */
final class ChunkedEncoding {
    private static final int SIZE = 1 << 16;

    /** A word or line longer than this is cut in the middle. */
    private static final int MOST = 1 << 24;

    private final Tokenizer tokenizer;
    private final SplitPoint cut;
    private final Sink sink;
    private final StringBuilder pending = new StringBuilder();

    /** No cut ahead of this char of what is pending. */
    private int searched;

    /** Takes what became of a piece. */
    interface Sink {
        void piece(int[] ids, int characters);
    }

    ChunkedEncoding(Tokenizer tokenizer, Sink sink) {
        this.tokenizer = tokenizer;
        this.cut = SplitPoint.of(tokenizer);
        this.sink = sink;
    }

    void add(CharSequence text) {
        for (int from = 0; from < text.length(); from += SIZE) {
            pending.append(text, from, Math.min(text.length(), from + SIZE));
            cutPending();
        }
    }

    private void cutPending() {
        // one char more than is cut off: a cut depends on the char behind it
        while (pending.length() > SIZE) {
            int end = searched == 0 ? cut.last(pending, SIZE) : -1;
            if (end < 0) {
                end = cut.first(pending, Math.max(searched, SIZE));
            }
            if (end < 0 && pending.length() > MOST) {
                end = SplitPoint.ANYWHERE.last(pending, MOST);
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
