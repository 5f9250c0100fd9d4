package io.residuum.model;

import io.residuum.compile.CompileOptions;
import io.residuum.engine.Backend;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backend, network and other resources that a task opened for itself. They are closed in
 * reverse order. What a caller hands to a task is not among them and stays the caller's.
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
     * @return the task
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
     * Opens a model on the default backend, as {@link Network#open} does. Predictions run as
     * compiled programs.
     *
     * @param model a preset, a spec file, a saved model, the folder of a run or a config.json
     * @return the network
     */
    public Network open(String model) {
        return open(model, add(Backend.open(), Backend::close));
    }

    /**
     * Opens a model on a backend. Predictions run as compiled programs.
     *
     * @param model as for {@link #open(String)}
     * @param backend the backend; it stays the caller's
     * @return the network
     */
    public Network open(String model, Backend backend) {
        Network network = add(Network.open(model, backend), Network::close);
        network.compile(CompileOptions.DEFAULT, LOG::debug);
        return network;
    }

    /**
     * Adds a resource.
     *
     * @param <R> its type
     * @param resource the resource
     * @param close closes it
     * @return the resource
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
