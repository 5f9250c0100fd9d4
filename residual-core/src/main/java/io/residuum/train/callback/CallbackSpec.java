package io.residuum.train.callback;

import io.residuum.spec.Doc;

/**
 * A callback with its settings, as a plain record that a recipe can hold. This type is open: a
 * {@link io.residuum.spec.RecordProvider} registers records for JSON.
 */
@Doc("Code that training calls at each step and epoch")
public interface CallbackSpec {

    /** {@return a new callback for one run} */
    Callback newCallback();
}
