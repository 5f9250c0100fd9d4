package io.residuum.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The quality of a network: the measure that the recipe chooses, else its accuracy if the task has
 * one, else its loss.
 *
 * @param loss the mean loss, for classes the cross-entropy in nats; null if it is not finite
 * @param accuracy in [0, 1]; null for tasks that are not compared by it
 * @param chosen the measure that the recipe chooses, negated if the lowest is best; null for none,
 *     and if it is not finite, which is worse than any number
 */
public record Score(@Nullable Double loss, @Nullable Double accuracy, @Nullable Double chosen) {
    /** The score of an epoch without validation data. */
    static final Score NONE = new Score(null, null);

    /**
     * Creates a score that the recipe does not choose a measure for.
     *
     * @param loss as for the record
     * @param accuracy as for the record
     */
    public Score(@Nullable Double loss, @Nullable Double accuracy) {
        this(loss, accuracy, null);
    }

    /** The direction in which a measure improves. */
    public enum Direction {
        /** The highest value is best. */
        HIGHEST,
        /** The lowest value is best. */
        LOWEST
    }

    /**
     * The measure that chooses the best epoch.
     *
     * @param measure the name of a measure of the validation data, as the report shows it: {@code
     *     loss}, {@code accuracy}, {@code F1}, {@code policy accuracy}
     * @param direction the direction in which it improves
     */
    public record Choice(String measure, Direction direction) {

        /**
         * {@return the score of a result, compared by this measure}
         *
         * @throws TrainingException if the result has no such measure
         */
        Score of(EvaluationResult found) {
            Map<String, Double> values = new LinkedHashMap<>();
            Score score = found.score();
            if (score.loss != null) {
                values.put("loss", score.loss);
            }
            if (score.accuracy != null) {
                values.put("accuracy", score.accuracy);
            }
            found.measures().forEach(m -> values.put(m.name(), m.value()));
            Double value = values.get(measure);
            boolean undefined = measure.equals("loss") || found.undefined().contains(measure);
            if (value == null && !undefined) {
                throw new TrainingException(
                        "best of the recipe must name a measure of the validation data, %s, got \"%s\"; metrics of the recipe adds others"
                                .formatted(values.keySet(), measure));
            }
            if (value == null) {
                return new Score(score.loss, score.accuracy, null);
            }
            return new Score(
                    score.loss, score.accuracy, direction == Direction.HIGHEST ? value : -value);
        }
    }

    /**
     * {@return a score that compares by accuracy}
     *
     * @param loss the mean loss, finite or not
     * @param accuracy in [0, 1]
     */
    public static Score ofAccuracy(double loss, double accuracy) {
        return new Score(finite(loss), accuracy);
    }

    /**
     * {@return a score that compares by loss}
     *
     * @param loss the mean loss, finite or not
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
        if (chosen != null || other.chosen != null) {
            return chosen != null && (other.chosen == null || chosen > other.chosen);
        }
        if (accuracy != null && other.accuracy != null) {
            return accuracy > other.accuracy;
        }
        return loss != null && (other.loss == null || loss < other.loss);
    }
}
