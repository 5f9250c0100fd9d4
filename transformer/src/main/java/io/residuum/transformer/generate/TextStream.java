package io.residuum.transformer.generate;

import io.residuum.transformer.text.Tokenizer;
import java.util.List;

/** Converts the tokens of one sequence to text and stops at a stop string. */
final class TextStream {
    private final Detokenizer detokenizer;
    private final StopStrings stops;
    private final StringBuilder text = new StringBuilder();

    TextStream(Tokenizer tokenizer, int[] prompt, List<String> stops) {
        this.detokenizer = new Detokenizer(tokenizer, prompt);
        this.stops = new StopStrings(stops);
    }

    /**
     * Adds the next token.
     *
     * @param token the id
     * @return the text that is final: complete characters that cannot be part of a stop string
     */
    String add(int token) {
        return shown(stops.add(detokenizer.add(token)));
    }

    /** Returns the text held back, once there are no more tokens. */
    String rest() {
        return shown(stops.add(detokenizer.rest()) + stops.rest());
    }

    private String shown(String piece) {
        text.append(piece);
        return piece;
    }

    /** Returns true if a stop string was found. */
    boolean stopped() {
        return stops.found();
    }

    /** Returns the text so far, up to the stop string. */
    String text() {
        return text.toString();
    }
}
