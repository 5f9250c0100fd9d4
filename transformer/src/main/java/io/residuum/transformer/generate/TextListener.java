package io.residuum.transformer.generate;

/** Receives texts while they are generated. */
@FunctionalInterface
public interface TextListener {

    /** A listener that ignores the texts. */
    TextListener NONE = (sequence, piece) -> {};

    /**
     * Receives the next piece of a text.
     *
     * @param sequence the index of its prompt
     * @param piece complete characters, none of which can be part of a stop string
     */
    void text(int sequence, String piece);

    /**
     * Receives the next token of a text, if the settings record log-probabilities. The piece that
     * the token completes follows. An end token is no part of a text.
     *
     * @param sequence the index of its prompt
     * @param logProbs its log-probability, and those of the most probable tokens
     */
    default void token(int sequence, int token, LogProbs logProbs) {}

    /**
     * Returns true to stop. Called before every token except the first.
     *
     * @return true to end all texts immediately
     */
    default boolean stopped() {
        return false;
    }
}
