package io.residuum.train.callback;

import io.residuum.spec.Default;
import io.residuum.spec.json.Defaults;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The state of all callbacks after an epoch, as a checkpoint saves it.
 *
 * @param learningRateFactor the factor of the learning rate. Default: 1
 * @param stopped the reason why a callback ended the run, null if none did. Default: null
 * @param states the {@link Callback#state} of each callback, in order. Default: none
 */
public record CallbackState(
        @Default("1.0") double learningRateFactor,
        @Nullable String stopped,
        @Default("[]") List<Map<String, Double>> states) {
    /** The state at the start of a run. */
    public static final CallbackState START = Defaults.of(CallbackState.class);

    public CallbackState {
        states = List.copyOf(states);
    }
}
