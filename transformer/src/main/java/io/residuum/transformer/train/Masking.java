package io.residuum.transformer.train;

import io.residuum.loss.Target;
import io.residuum.transformer.text.SpecialTokens;
import io.residuum.transformer.text.Tokenizer;
import java.util.SplittableRandom;
import java.util.function.IntFunction;

/**
 * The masking of masked language modelling (Devlin et al. 2019, Section 3.1). Of the predicted
 * tokens, 80% are replaced by the mask, 10% by a random token, and 10% stay.
 *
 * @param share the fraction of tokens to predict, in (0, 1)
 * @param mask the id of the mask token
 * @param vocabulary the bound of random tokens, which are in [0, vocabulary)
 */
record Masking(double share, int mask, int vocabulary) {
    private static final double MASKED = 0.8;
    private static final double RANDOM = 0.1;

    /**
     * Returns the masking for a tokenizer. Without a mask token, the id after its last one is the
     * mask.
     *
     * @param share the fraction of tokens to predict, in (0, 1)
     */
    static Masking of(Tokenizer tokenizer, double share) {
        int own = tokenizer.vocabulary();
        return new Masking(share, tokenizer.special().mask().orElse(own), own);
    }

    /** Returns the number of ids that a network needs. */
    int ids() {
        return Math.max(vocabulary, mask + 1);
    }

    /**
     * Masks rows of tokens.
     *
     * @param rows the tokens, {@code (N, T)}
     * @param special the special tokens; beginning, end and padding are never predicted
     * @param randoms the source of random numbers for each row
     */
    TokenBatch batch(int[][] rows, SpecialTokens special, IntFunction<SplittableRandom> randoms) {
        int length = rows[0].length;
        long[] ids = new long[rows.length * length];
        int[] labels = new int[ids.length];
        for (int row = 0; row < rows.length; row++) {
            SplittableRandom random = randoms.apply(row);
            for (int i = 0; i < length; i++) {
                int at = row * length + i;
                int token = rows[row][i];
                boolean predicted = !isFrame(token, special) && random.nextDouble() < share;
                labels[at] = predicted ? token : Target.IGNORED;
                ids[at] = predicted ? shown(token, random) : token;
            }
        }
        return new TokenBatch(ids.length, rows.length, length, ids, null, labels);
    }

    private static boolean isFrame(int token, SpecialTokens special) {
        return token == special.beginning().orElse(-1)
                || token == special.end().orElse(-1)
                || token == special.padding().orElse(-1);
    }

    private int shown(int token, SplittableRandom random) {
        double chance = random.nextDouble();
        if (chance < MASKED) {
            return mask;
        }
        return chance < MASKED + RANDOM ? random.nextInt(vocabulary) : token;
    }
}
