package io.residuum.transformer.generate;

/** Hears texts as they are written. */
@FunctionalInterface
public interface TextListener {

    /** Hears nothing. */
    TextListener NONE = (sequence, piece) -> {};

    /**
     * Some more of a text.
     *
     * @param sequence the index of its prompt
     * @param piece whole characters, none of which may still become a stop text
     */
    void text(int sequence, String piece);

    /**
     * Whether nobody wants to hear more. Asked ahead of every token but the first.
     *
     * @return true to end all texts where they are
     */
    default boolean stopped() {
        return false;
    }
}
