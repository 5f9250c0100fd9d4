package io.residuum.train.callback;

import java.util.Locale;
import java.util.regex.Pattern;

/** The better direction of a measure. */
public enum Goal {
    /** Maximizes measures named after accuracy and the like, and minimizes all others. */
    AUTO,
    /** Lower is better. */
    MINIMIZE,
    /** Higher is better. */
    MAXIMIZE;

    private static final Pattern HIGHER =
            Pattern.compile(
                    "accuracy|precision|recall|f1|auc|iou|psnr|ssim|r2|filled|pearson|spearman|mrr"
                            + "|\\bm?ap(50|75)?\\b");

    /**
     * {@return true if a higher value of a measure is better}
     *
     * @param measure the name of the measure
     */
    public boolean maximizes(String measure) {
        return this == MAXIMIZE
                || (this == AUTO && HIGHER.matcher(measure.toLowerCase(Locale.ROOT)).find());
    }
}
