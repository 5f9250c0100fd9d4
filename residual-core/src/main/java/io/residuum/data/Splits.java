package io.residuum.data;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToLongFunction;

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

    private static String amount(long size, String purpose) {
        return String.format(Locale.ROOT, ", %,d for %s", size, purpose);
    }
}
