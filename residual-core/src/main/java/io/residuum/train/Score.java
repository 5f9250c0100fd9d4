package io.residuum.train;

import org.jspecify.annotations.Nullable;

/**
 * The quality of a network: its accuracy if the task has one, otherwise its loss.
 *
 * @param loss the mean cross-entropy in nats; null if it is not finite
 * @param accuracy in [0, 1]; null for tasks that are not compared by it
 */
public record Score(@Nullable Double loss, @Nullable Double accuracy) {
    /** The score of an epoch without validation data. */
    static final Score NONE = new Score(null, null);

    /**
     * {@return a score that compares by accuracy}
     *
     * @param loss the mean cross-entropy in nats, finite or not
     * @param accuracy in [0, 1]
     */
    public static Score ofAccuracy(double loss, double accuracy) {
        return new Score(finite(loss), accuracy);
    }

    /**
     * {@return a score that compares by loss}
     *
     * @param loss the mean cross-entropy in nats, finite or not
     */
    public static Score ofLoss(double loss) {
        return new Score(finite(loss), null);
    }

    private static @Nullable Double finite(double loss) {
        return Double.isFinite(loss) ? loss : null;
    }

    /**
     * {@return true if this score is better than another of the same task, not equal}
     *
     * @param other the other score; null for none
     */
    public boolean betterThan(@Nullable Score other) {
        if (other == null) {
            return true;
        }
        if (accuracy != null && other.accuracy != null) {
            return accuracy > other.accuracy;
        }
        return loss != null && (other.loss == null || loss < other.loss);
    }
}
