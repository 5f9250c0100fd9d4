package io.residuum.transformer.text.encode;

/** The texts that lose tokens if an input is too long, as in the tokenizers library. */
public enum Truncation {
    /** The longer text, until both have the same number of tokens; then both. */
    LONGEST_FIRST,
    /** The first text. */
    ONLY_FIRST,
    /** The second text. */
    ONLY_SECOND;

    /** The end of a text at which tokens are removed. */
    public enum Side {
        /** The beginning. */
        LEFT,
        /** The end. */
        RIGHT
    }

    /** {@return the number of tokens of each text to keep; negative if there is no room} */
    int[] kept(int first, int second, int room) {
        if (first + second <= room) {
            return new int[] {first, second};
        }
        return switch (this) {
            case ONLY_FIRST -> new int[] {room - second, second};
            case ONLY_SECOND -> new int[] {first, room - first};
            case LONGEST_FIRST -> {
                int half = room / 2;
                int shorter = Math.min(Math.min(first, second), half);
                int longer = room - shorter;
                yield first <= second ? new int[] {shorter, longer} : new int[] {longer, shorter};
            }
        };
    }
}
