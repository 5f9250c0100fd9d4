package io.residuum.train.callback;

import io.residuum.model.Network;
import io.residuum.spec.Check;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Calls the callbacks of one run, in order, and keeps what they decided. */
public final class CallbackRunner implements TrainingControl, AutoCloseable {
    private final List<Callback> callbacks;
    private final Network network;
    private final Path folder;
    private final Consumer<String> log;
    private double learningRateFactor;
    private @Nullable String stopped;

    /**
     * Continues after the last finished epoch.
     *
     * @param saved their state
     * @param folder the run folder
     * @param log receives the lines that callbacks log
     * @throws io.residuum.spec.SpecException if the state is of other callbacks
     */
    public CallbackRunner(
            List<Callback> callbacks,
            CallbackState saved,
            Network network,
            Path folder,
            Consumer<String> log) {
        this.callbacks = List.copyOf(callbacks);
        this.network = network;
        this.folder = folder;
        this.log = log;
        this.learningRateFactor = saved.learningRateFactor();
        this.stopped = saved.stopped();
        Check.that(
                saved.states().isEmpty() || saved.states().size() == callbacks.size(),
                "resuming needs the %s callbacks of the checkpoint, got %s: add the same ones",
                saved.states().size(),
                callbacks.size());
        for (int i = 0; i < saved.states().size(); i++) {
            callbacks.get(i).restore(saved.states().get(i));
        }
    }

    /**
     * Calls {@link Callback#trainingBegins}.
     *
     * @param epochsDone the number of epochs that are done
     */
    public void trainingBegins(int epochsDone) {
        callbacks.forEach(c -> c.trainingBegins(this, epochsDone));
    }

    /**
     * Calls {@link Callback#epochBegins}.
     *
     * @param epoch the epoch, counted from 1
     */
    public void epochBegins(int epoch) {
        callbacks.forEach(c -> c.epochBegins(this, epoch));
    }

    /** Calls {@link Callback#stepEnds}. */
    public void stepEnds(StepEnd step) {
        callbacks.forEach(c -> c.stepEnds(this, step));
    }

    /**
     * Calls {@link Callback#epochEnds}.
     *
     * @return the state to save
     */
    public CallbackState epochEnds(EpochEnd epoch) {
        callbacks.forEach(c -> c.epochEnds(this, epoch));
        return new CallbackState(
                learningRateFactor, stopped, callbacks.stream().map(Callback::state).toList());
    }

    /** {@return true if a callback ended the run} */
    public boolean isStopped() {
        return stopped != null;
    }

    @Override
    public void stop(String reason) {
        if (stopped == null) {
            stopped = reason;
            log(reason);
        }
    }

    @Override
    public double learningRateFactor() {
        return learningRateFactor;
    }

    @Override
    public void setLearningRateFactor(double factor) {
        Check.that(
                factor >= 0 && Double.isFinite(factor),
                "the learning rate factor must be positive or 0, got %s",
                factor);
        learningRateFactor = factor;
    }

    @Override
    public void log(String line) {
        log.accept(line);
    }

    @Override
    public Network network() {
        return network;
    }

    @Override
    public Path folder() {
        return folder;
    }

    /** Calls {@link Callback#trainingEnds} of each callback, even if one of them fails. */
    @Override
    public void close() {
        RuntimeException failure = null;
        for (Callback callback : callbacks) {
            try {
                callback.trainingEnds();
            } catch (RuntimeException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
