package io.residuum.transformer.text;

/** Where a long text may be cut into pieces that are encoded one by one. */
enum SplitPoint {
    /** Between any two characters: each is a token. */
    ANYWHERE {
        @Override
        boolean at(CharSequence text, int index) {
            return !Character.isLowSurrogate(text.charAt(index));
        }
    },

    /**
     * Between a letter or digit and a space or line end, or between a line end and a letter or
     * digit: no word reaches over it. The line end must not have white space ahead of it, since the
     * last of several white spaces is divided from the others unless the text ends there.
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

    /** Behind a line end. The next piece is encoded as a text of its own. */
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

    /** Whether the text may be cut ahead of the character at an index above 0. */
    abstract boolean at(CharSequence text, int index);

    /** Finds the last place in (0, to], to below the length of the text; -1 if there is none. */
    int last(CharSequence text, int to) {
        int i = to;
        while (i > 0 && !at(text, i)) {
            i--;
        }
        return i > 0 ? i : -1;
    }

    /** Finds the first place from an index above 0 on; -1 if there is none. */
    int first(CharSequence text, int from) {
        int i = from;
        while (i < text.length() && !at(text, i)) {
            i++;
        }
        return i < text.length() ? i : -1;
    }
}
