package io.residuum.transformer.generate;

import io.residuum.transformer.text.Tokenizer;
import java.util.List;

/** The text of one sequence as its tokens come: what can be shown, and where it stops. */
final class TextStream {
    private final Detokenizer detokenizer;
    private final StopTexts stops;
    private final StringBuilder text = new StringBuilder();

    TextStream(Tokenizer tokenizer, int[] prompt, List<String> stops) {
        this.detokenizer = new Detokenizer(tokenizer, prompt);
        this.stops = new StopTexts(stops);
    }

    /**
     * Takes the next token.
     *
     * @param token its id
     * @return what has become certain: whole characters, none of which can begin a stop text
     */
    String add(int token) {
        return shown(stops.add(detokenizer.add(token)));
    }

    /** What was held back, once no more tokens come. */
    String rest() {
        return shown(stops.add(detokenizer.rest()) + stops.rest());
    }

    private String shown(String piece) {
        text.append(piece);
        return piece;
    }

    /** Whether a stop text has been written. */
    boolean stopped() {
        return stops.found();
    }

    /** The text so far, up to the stop text. */
    String text() {
        return text.toString();
    }
}
