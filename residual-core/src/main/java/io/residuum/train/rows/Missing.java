package io.residuum.train.rows;

import io.residuum.spec.Check;
import io.residuum.spec.Shorthand;
import io.residuum.spec.TypeName;

/**
 * The number that stands for a missing one in an input. Missing targets are unknown and do not
 * count.
 */
public sealed interface Missing permits Missing.Refuse, Missing.Mean, Missing.Value {

    /** Refuses a row without the number. */
    @TypeName("refuse")
    record Refuse() implements Missing {}

    /** Reads the mean of the training rows. */
    @TypeName("mean")
    record Mean() implements Missing {}

    /**
     * Reads a number in the units of the table.
     *
     * @param value the number
     */
    @TypeName("value")
    record Value(double value) implements Missing {
        public Value {
            Check.finite("value", value);
        }
    }

    /**
     * {@return a value to read}
     *
     * @param value the number
     */
    @Shorthand
    static Missing of(double value) {
        return new Value(value);
    }
}
