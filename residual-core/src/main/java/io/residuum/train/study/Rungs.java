package io.residuum.train.study;

import java.util.ArrayList;
import java.util.List;

/** The numbers of epochs after which a study compares its runs and drops the worst. */
final class Rungs {
    private Rungs() {}

    /**
     * Returns the epochs of each rung. The last one has no limit, so that the recipe's epochs
     * count.
     */
    static List<Integer> of(Study study) {
        List<Integer> rungs = new ArrayList<>();
        if (study.search() instanceof Search.SuccessiveHalving halving) {
            int most = study.variants().stream().mapToInt(v -> v.recipe().epochs()).max().orElse(0);
            int left = study.variants().size();
            for (long epochs = halving.minEpochs();
                    epochs < most && left > 1;
                    epochs *= halving.factor()) {
                rungs.add((int) epochs);
                left = kept(left, halving);
            }
        }
        rungs.add(Integer.MAX_VALUE);
        return rungs;
    }

    /** Returns how many of the variants of a rung go to the next one. */
    static int kept(int variants, Search.SuccessiveHalving halving) {
        return Math.max(1, variants / halving.factor());
    }
}
