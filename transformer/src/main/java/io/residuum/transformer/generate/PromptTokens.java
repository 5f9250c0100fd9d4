package io.residuum.transformer.generate;

import io.residuum.spec.Check;
import io.residuum.transformer.text.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * The tokens that prompts become.
 *
 * @param tokenizer the tokenizer of the model
 * @param limit the most tokens of a prompt
 * @param translates true if prompts are read by an encoder
 * @param start the first token of every text by the model's settings; empty for the tokenizer's
 * @param paddable true if padding before a prompt changes nothing
 */
record PromptTokens(
        Tokenizer tokenizer, int limit, boolean translates, OptionalInt start, boolean paddable) {

    void requireReadable(List<int[]> prompts) {
        Check.that(!prompts.isEmpty(), "a generator needs at least one prompt, got none");
        prompts.forEach(this::requireReadable);
        List<Integer> lengths = prompts.stream().map(p -> p.length).distinct().toList();
        Check.that(
                paddable || lengths.size() == 1,
                "prompts of one batch must have one length with this model, which normalizes"
                    + " queries and keys after their rotation, got %s; generate from each alone",
                lengths);
    }

    private void requireReadable(int... prompt) {
        Check.that(
                prompt.length > 0 && prompt.length <= limit,
                "a prompt must have 1 to %s tokens, the context of the model, got %s",
                limit,
                prompt.length);
        for (int token : prompt) {
            Check.that(
                    token >= 0 && token < tokenizer.vocabulary(),
                    "tokens must be in [0, %s), got %s",
                    tokenizer.vocabulary(),
                    token);
        }
    }

    int[] encode(String prompt) {
        int[] ids = tokenizer.encodeForModel(prompt);
        OptionalInt end = tokenizer.special().end();
        if (!translates
                && ids.length > 1
                && end.isPresent()
                && ids[ids.length - 1] == end.getAsInt()) {
            // An end token here would end the text instead of continuing it.
            ids = Arrays.copyOf(ids, ids.length - 1);
        }
        return ids.length > 0 ? ids : first();
    }

    /** Returns the first token of a text. */
    int[] first() {
        OptionalInt first = tokenizer.special().beginning();
        OptionalInt own = first.isPresent() ? first : tokenizer.special().end();
        OptionalInt begin = start.isPresent() ? start : own;
        Check.that(
                begin.isPresent(),
                "the prompt is empty and the tokenizer has no token that begins a text;"
                        + " give at least one character");
        return new int[] {begin.getAsInt()};
    }
}
