package io.residuum.train;

import org.jspecify.annotations.Nullable;

/**
 * How good a network is: by its accuracy where the task has one, else by its loss.
 *
 * @param loss mean cross-entropy in nats; null if it is not finite
 * @param accuracy in [0, 1]; null for tasks that are not judged by it
 */
public record Score(@Nullable Double loss, @Nullable Double accuracy) {

    /**
     * Judges by accuracy.
     *
     * @param loss mean cross-entropy in nats, finite or not
     * @param accuracy in [0, 1]
     * @return the score
     */
    public static Score ofAccuracy(double loss, double accuracy) {
        return new Score(finite(loss), accuracy);
    }

    /**
     * Judges by loss.
     *
     * @param loss mean cross-entropy in nats, finite or not
     * @return the score
     */
    public static Score ofLoss(double loss) {
        return new Score(finite(loss), null);
    }

    private static @Nullable Double finite(double loss) {
        return Double.isFinite(loss) ? loss : null;
    }

    /**
     * Compares two scores of one task.
     *
     * @param other the other; null for none
     * @return whether this one is better, not only equal
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
