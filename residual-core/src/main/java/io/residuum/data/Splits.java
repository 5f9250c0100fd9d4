package io.residuum.data;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.IntPredicate;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/**
 * The data of a training run in parts: for training, for choosing the best epoch, and for testing.
 *
 * @param <P> the type of a part that is evaluated
 */
public interface Splits<P> {

    /** {@return the data in a few words, for people} */
    String source();

    /** {@return the part that chooses the best epoch; empty to train without choice} */
    Optional<P> validation();

    /** {@return the part that measures the chosen network once, at the end of training} */
    Optional<P> test();

    /**
     * {@return the share of the training data that the validation part took, in [0, 1); empty if
     * the data comes with a validation part}
     */
    OptionalDouble heldOut();

    /** {@return one line for people: source and amounts} */
    String description();

    /**
     * {@return the test part, or the validation part if there is none}
     *
     * @throws DataException if there are neither
     */
    default P evaluation() {
        return test().or(this::validation)
                .orElseThrow(
                        () ->
                                new DataException(
                                        source()
                                                + ": must have test or validation data to evaluate"
                                                + " on, but has neither"));
    }

    /**
     * {@return one line for people: the source and the amounts of all parts}
     *
     * @param training the amount of the training part
     * @param size the number of samples of another part
     */
    default String describe(String training, ToLongFunction<P> size) {
        StringBuilder text = new StringBuilder(source()).append(": ").append(training);
        validation().ifPresent(part -> text.append(amount(size.applyAsLong(part), "validation")));
        test().ifPresent(part -> text.append(amount(size.applyAsLong(part), "testing")));
        return text.toString();
    }

    /**
     * Creates one run for each fold of a cross-validation.
     *
     * @param <S> the data of a run
     */
    interface Run<S> {
        /**
         * {@return the data of a run}
         *
         * @param name the data in a few words
         * @param train the indices of the samples for training and validation, in ascending order
         * @param test those of the fold, in ascending order
         */
        S of(String name, int[] train, int[] test);
    }

    /**
     * Divides the training data for cross-validation as {@link Seeds#folds} does. Each fold is the
     * test part of one run. The test part of these data is left out.
     *
     * @param labels the class of each training sample, for folds of equal shares; 0 without classes
     * @param count the number of folds, 2 or more
     * @param seed the seed; the same seed gives the same folds
     * @param run creates the data of each run
     * @param <S> the data of a run
     * @throws DataException if there are fewer samples than folds, or these data have a validation
     *     part
     */
    default <S> List<S> folds(int[] labels, int count, long seed, Run<S> run) {
        if (validation().isPresent()) {
            throw new DataException(
                    source()
                            + " must have no validation part to be divided into folds; give"
                            + " training data only, opened with validation 0");
        }
        if (labels.length < count) {
            throw new DataException(
                    "%s must have a sample for each of the %d folds, got %d; use fewer folds"
                            .formatted(source(), count, labels.length));
        }
        int[] folds = Seeds.folds(labels, count, seed);
        return IntStream.range(0, count)
                .mapToObj(
                        fold ->
                                run.of(
                                        "%s, fold %d of %d".formatted(source(), fold + 1, count),
                                        indices(labels.length, i -> folds[i] != fold),
                                        indices(labels.length, i -> folds[i] == fold)))
                .toList();
    }

    private static int[] indices(int size, IntPredicate wanted) {
        return IntStream.range(0, size).filter(wanted).toArray();
    }

    private static String amount(long size, String purpose) {
        return String.format(Locale.ROOT, ", %,d for %s", size, purpose);
    }
}
