package io.residuum.train.callback;

/**
 * A callback with its settings, as a plain record that a recipe can hold. This type is open: a
 * {@link io.residuum.spec.RecordProvider} registers records for JSON.
 */
public interface CallbackSpec {

    /** {@return a new callback for one run} */
    Callback newCallback();
}
