package io.residuum.model;

import io.residuum.compile.CompileOptions;
import io.residuum.engine.Backend;
import io.residuum.spec.Check;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backend, network and other resources that a task opened itself. Closing closes them in
 * reverse order. Resources of the caller are not included.
 */
public final class OwnedResources implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OwnedResources.class);

    private final Deque<Runnable> closing = new ArrayDeque<>();

    private OwnedResources() {}

    /**
     * Builds a task that owns resources, and closes them if building fails.
     *
     * @param <T> the task
     * @param builder builds the task; the task closes the resources when it is closed
     */
    public static <T> T build(Function<OwnedResources, T> builder) {
        OwnedResources owned = new OwnedResources();
        try {
            return builder.apply(owned);
        } catch (RuntimeException | Error e) {
            owned.close();
            throw e;
        }
    }

    /**
     * Opens a trained model on the default backend. Predictions run as compiled programs.
     *
     * @param model a saved model or the folder of a run
     * @throws io.residuum.spec.SpecException if there is no such model, or it has no weights
     */
    public Network open(String model) {
        ModelSource source = ModelSource.of(model);
        requireWeights(source);
        return open(source, add(Backend.open(), Backend::close));
    }

    /**
     * Opens a trained model on a backend of the caller.
     *
     * @param model as for {@link #open(String)}
     * @throws io.residuum.spec.SpecException if there is no such model, or it has no weights
     */
    public Network open(String model, Backend backend) {
        return open(ModelSource.of(model), backend);
    }

    /**
     * Opens a trained model on a backend of the caller.
     *
     * @throws io.residuum.spec.SpecException if the model has no weights
     */
    public Network open(ModelSource source, Backend backend) {
        requireWeights(source);
        Network network = add(source.open(backend), Network::close);
        network.compile(CompileOptions.DEFAULT, LOG::debug);
        return network;
    }

    /**
     * Checks that a model has weights. A preset would open, too, but give random answers.
     *
     * @throws io.residuum.spec.SpecException if it has none
     */
    public static void requireWeights(ModelSource source) {
        Check.that(
                source.weights().isPresent(),
                "a model to use must have trained weights, but %s has none: give a saved model or"
                        + " the folder of a run, or open a network with ModelSource.withWeights",
                source.label());
    }

    /**
     * Adds a resource.
     *
     * @param <R> the type of the resource
     * @param close closes the resource
     */
    public <R> R add(R resource, Consumer<R> close) {
        closing.push(() -> close.accept(resource));
        return resource;
    }

    /** Closes the resources, the last one first. A second call does nothing. */
    @Override
    public void close() {
        Runnable last = closing.poll();
        if (last != null) {
            try {
                last.run();
            } finally {
                close();
            }
        }
    }
}
