package io.residuum.transformer.generate;

import java.util.List;

/**
 * The text that a model generated after a prompt.
 *
 * @param text the generated text, up to a stop string if there is one
 * @param tokens all generated tokens, including an end token and those of a stop string
 * @param reason the reason why generation ended
 * @param logProbs the log-probabilities of each token; empty if {@link Generator.Settings#logProbs}
 *     does not ask for them
 */
public record Continuation(
        String text, List<Integer> tokens, Reason reason, List<LogProbs> logProbs) {

    /** The reasons why generation ends. */
    public enum Reason {
        /** The model generated its end token. */
        END_TOKEN,
        /** The text contains a stop string. */
        STOP_TEXT,
        /** The maximum number of tokens is reached. */
        MAX_TOKENS,
        /** The listener asked to stop. */
        STOPPED
    }

    public Continuation {
        tokens = List.copyOf(tokens);
        logProbs = List.copyOf(logProbs);
    }

    /**
     * Creates a text without log-probabilities.
     *
     * @param text the generated text
     * @param tokens all generated tokens
     * @param reason the reason why generation ended
     */
    public Continuation(String text, List<Integer> tokens, Reason reason) {
        this(text, tokens, reason, List.of());
    }
}
