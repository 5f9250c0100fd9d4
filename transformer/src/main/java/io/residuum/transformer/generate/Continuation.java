package io.residuum.transformer.generate;

import java.util.List;

/**
 * What a model has written after a prompt.
 *
 * @param text what was written, up to a stop text if there is one
 * @param tokens all that were chosen, an end token and those of a stop text included
 * @param reason why it ends there
 */
public record Continuation(String text, List<Integer> tokens, Reason reason) {

    /** Why a text ends. */
    public enum Reason {
        /** The model chose its end token. */
        END_TOKEN,
        /** A stop text was written. */
        STOP_TEXT,
        /** As many tokens as were asked for. */
        MAX_TOKENS,
        /** The listener wanted no more. */
        STOPPED
    }

    /** Takes a copy of the tokens. */
    public Continuation {
        tokens = List.copyOf(tokens);
    }
}
