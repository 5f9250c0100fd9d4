package io.residuum.transformer.text;

/** The positions where a long text may be split into chunks, which are encoded one by one. */
enum SplitPoint {
    /** Between any two characters, because each is a token. */
    ANYWHERE {
        @Override
        boolean at(CharSequence text, int index) {
            return !Character.isLowSurrogate(text.charAt(index));
        }
    },

    /**
     * Between a letter or digit and a space or line end, or between a line end and a letter or
     * digit. No word crosses these positions. There must be no white space before the line end: the
     * last of several white spaces is a separate token, unless the text ends there.
     */
    WORD_END {
        @Override
        boolean at(CharSequence text, int index) {
            char last = text.charAt(index - 1);
            char next = text.charAt(index);
            if (next == ' ' || next == '\n') {
                return Character.isLetterOrDigit(last);
            }
            return last == '\n'
                    && index > 1
                    && !Character.isWhitespace(text.charAt(index - 2))
                    && Character.isLetterOrDigit(next);
        }
    },

    /** After a line end. The next chunk is encoded like a separate text. */
    LINE_END {
        @Override
        boolean at(CharSequence text, int index) {
            return text.charAt(index - 1) == '\n';
        }
    };

    static SplitPoint of(Tokenizer tokenizer) {
        if (tokenizer instanceof CharTokenizer) {
            return ANYWHERE;
        }
        return tokenizer instanceof LibraryTokenizer library && library.splitsAtSpaces()
                ? WORD_END
                : LINE_END;
    }

    /** Returns true if the text may be split before the character at an index above 0. */
    abstract boolean at(CharSequence text, int index);

    /**
     * Returns the last split point in (0, to], or -1 if there is none; {@code to} must be below the
     * length.
     */
    int last(CharSequence text, int to) {
        int i = to;
        while (i > 0 && !at(text, i)) {
            i--;
        }
        return i > 0 ? i : -1;
    }

    /** Returns the first split point at or after an index above 0, or -1 if there is none. */
    int first(CharSequence text, int from) {
        int i = from;
        while (i < text.length() && !at(text, i)) {
            i++;
        }
        return i < text.length() ? i : -1;
    }
}
