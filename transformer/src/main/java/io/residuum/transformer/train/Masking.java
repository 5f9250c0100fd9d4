package io.residuum.transformer.train;

import io.residuum.train.CrossEntropy;
import io.residuum.transformer.text.SpecialTokens;
import io.residuum.transformer.text.Tokenizer;
import java.util.SplittableRandom;
import java.util.function.IntFunction;

/**
 * The gaps of masked language modelling (Devlin et al. 2019, Section 3.1): of a share of the tokens
 * 80% become the mask, 10% a token at random, and 10% stay; all of them are asked for.
 *
 * @param share of the tokens that are asked for, in (0, 1)
 * @param mask the id that stands for a gap
 * @param vocabulary random tokens are in [0, vocabulary)
 */
record Masking(double share, int mask, int vocabulary) {
    private static final double MASKED = 0.8;
    private static final double RANDOM = 0.1;

    /**
     * For a tokenizer; where it has no token for gaps, the id after its last one is it.
     *
     * @param share of the tokens that are asked for
     */
    static Masking of(Tokenizer tokenizer, double share) {
        int own = tokenizer.vocabulary();
        return new Masking(share, tokenizer.special().mask().orElse(own), own);
    }

    /** How many ids a network must know. */
    int ids() {
        return Math.max(vocabulary, mask + 1);
    }

    /**
     * Makes gaps in rows of tokens.
     *
     * @param rows {@code (N, T)}
     * @param special of these those that frame a text are never asked for
     * @param randoms decides where in a row
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
                boolean asked = !isFrame(token, special) && random.nextDouble() < share;
                labels[at] = asked ? token : CrossEntropy.IGNORED;
                ids[at] = asked ? shown(token, random) : token;
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
