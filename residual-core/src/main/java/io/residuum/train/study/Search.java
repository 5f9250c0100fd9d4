package io.residuum.train.study;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;

/** The way in which a study draws the numbers of ranges and chooses between alternatives. */
public sealed interface Search {

    /** {@return the number of settings to draw} */
    int runs();

    private static void requireFew(int runs) {
        Check.that(
                runs > 0 && runs <= Combination.MOST,
                "runs must be in [1, %s], got %s",
                Combination.MOST,
                runs);
    }

    /** {@return the seed of the draws; the first draws do not depend on {@link #runs}} */
    long seed();

    /**
     * Trains every setting that was drawn (Bergstra and Bengio 2012).
     *
     * @param runs the number of settings to draw, positive
     * @param seed the seed of the draws. Default: 0
     */
    @TypeName("random")
    record Random(int runs, @Default("0") long seed) implements Search {
        public Random {
            requireFew(runs);
        }
    }

    /**
     * Trains every setting for few epochs, and the best part of them longer, until one part is left
     * (Jamieson and Talwalkar 2016; one bracket of Hyperband, Li et al. 2018). Runs continue from
     * their checkpoints. The schedule of the learning rate is that of the recipe's epochs from the
     * beginning.
     *
     * @param runs the number of settings to draw, positive
     * @param factor the ratio of the settings of a rung to those of the next one, and of the epochs
     *     of the next to those of this one, 2 or more. Default: 3
     * @param minEpochs the epochs of the first rung, positive. Default: 1
     * @param seed the seed of the draws. Default: 0
     */
    @TypeName("successiveHalving")
    record SuccessiveHalving(
            int runs,
            @Default("3") int factor,
            @Default("1") int minEpochs,
            @Default("0") long seed)
            implements Search {
        public SuccessiveHalving {
            requireFew(runs);
            Check.that(factor >= 2, "factor must be 2 or more, got %s", factor);
            Check.positive("minEpochs", minEpochs);
        }

        /** Returns how many of the variants of a rung go to the next one. */
        int kept(int variants) {
            return Math.max(1, variants / factor);
        }
    }
}
