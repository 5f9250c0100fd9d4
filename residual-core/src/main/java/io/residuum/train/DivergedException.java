package io.residuum.train;

/** Thrown if the loss of a training step is not finite. */
public final class DivergedException extends TrainingException {
    private static final long serialVersionUID = 1L;

    private final int epoch;

    DivergedException(String message, int epoch) {
        super(message);
        this.epoch = epoch;
    }

    /** {@return the epoch of the step, counted from 1} */
    public int epoch() {
        return epoch;
    }
}
