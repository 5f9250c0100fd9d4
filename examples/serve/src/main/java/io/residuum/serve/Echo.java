package io.residuum.serve;

import io.residuum.model.Network;
import io.residuum.transformer.generate.LogProbs;
import io.residuum.transformer.text.Tokenizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A prompt that a choice repeats before its text: {@code echo} of OpenAI's completions.
 *
 * @param text the prompt; empty if it is not repeated
 * @param tokens its tokens, if a request records log-probabilities; else empty
 */
record Echo(String text, List<Generation.Token> tokens) {
    private static final Echo NONE = new Echo("", List.of());

    static List<Echo> none(int prompts) {
        return Collections.nCopies(prompts, NONE);
    }

    /**
     * Returns the prompts of a request. Equal prompts that follow each other are computed once.
     *
     * @param texts the prompts as texts
     * @param prompts the tokens of each
     * @param most the number of most probable tokens to record; -1 for no record
     */
    static List<Echo> of(
            List<String> texts,
            List<int[]> prompts,
            Network network,
            Tokenizer tokenizer,
            int most) {
        List<Echo> all = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            int[] ids = prompts.get(i);
            if (i > 0 && ids == prompts.get(i - 1)) {
                all.add(all.get(i - 1));
            } else if (most < 0) {
                all.add(new Echo(texts.get(i), List.of()));
            } else {
                List<LogProbs> found = LogProbs.ofText(network, tokenizer, ids, most);
                all.add(new Echo(texts.get(i), LogProbFields.prompt(ids, found)));
            }
        }
        return all;
    }
}
