package io.residuum.train;

import io.residuum.ResiduumException;

/** Thrown if training cannot begin, continue or be resumed. */
public sealed class TrainingException extends ResiduumException {
    /** Creates an exception; the message names the invariant, the value found and the fix. */
    public TrainingException(String message) {
        super(message);
    }

    /** Creates an exception with the underlying failure. */
    public TrainingException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * Throws an exception instead of training operation by operation, which rounds no activations.
     *
     * @param reason why there is no program
     */
    static void activationsNotRounded(String reason) {
        throw new TrainingException(
                "training that rounds activations needs a compiled program, but it is %s. Quantize only the weights (--weights-only)"
                        .formatted(reason));
    }

    /** Thrown if the loss of a training step or of the validation data is not finite. */
    public static final class Diverged extends TrainingException {
        Diverged(String message) {
            super(message);
        }
    }

    /** Thrown if a run that others wait for was asked to stop. It can be resumed. */
    public static final class Stopped extends TrainingException {
        /** Creates an exception; the message names the run. */
        public Stopped(String message) {
            super(message);
        }
    }
}
