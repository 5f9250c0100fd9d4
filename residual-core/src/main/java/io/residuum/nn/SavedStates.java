package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The states that layers of one forward pass save for later layers, by name. Names belong to the
 * innermost scope, so that an encoder and a decoder may use the same ones.
 */
public final class SavedStates {
    private final Deque<Scope> scopes = new ArrayDeque<>();

    SavedStates() {}

    /** A scope of names. Its states close with it. */
    public static final class Scope implements AutoCloseable {
        private final Map<String, NDArray> states = new LinkedHashMap<>();
        private final Runnable end;

        /** Keeps states open after the layers that made them end; null if they do not close. */
        private final @Nullable NDManager owner;

        private Scope(@Nullable NDManager owner, Runnable end) {
            this.owner = owner;
            this.end = end;
        }

        private void put(String name, NDArray state) {
            NDArray kept = owner == null ? state : view(state, owner);
            NDArray replaced = states.put(name, kept);
            if (owner != null && replaced != null) {
                replaced.close();
            }
        }

        @Override
        public void close() {
            end.run();
            if (owner != null) {
                owner.close();
            }
        }
    }

    /** Begins a scope, which hides the names of the one around it until it is closed. */
    public Scope begin(ForwardPass pass) {
        NDManager owner = pass.closesArrays ? pass.manager().newSubManager() : null;
        Scope scope = new Scope(owner, scopes::pop);
        scopes.push(scope);
        return scope;
    }

    /**
     * Saves a state in the innermost scope. It replaces a state of the same name.
     *
     * @param state any array
     */
    public void save(String name, NDArray state) {
        innermost(name).put(name, state);
    }

    /**
     * {@return a state that an earlier layer saved in the innermost scope}
     *
     * @throws IllegalArgumentException if no layer has saved it
     */
    public NDArray get(ForwardPass pass, String name) {
        Scope scope = innermost(name);
        NDArray state = scope.states.get(name);
        if (state == null) {
            throw new IllegalArgumentException(
                    "a saved state must be one of %s, got \"%s\": save it in an earlier layer, which drop path does not skip"
                            .formatted(scope.states.keySet(), name));
        }
        // A separate array, so that results belong to the running layer.
        return pass.closesArrays ? view(state, pass.manager()) : state;
    }

    private Scope innermost(String name) {
        Scope scope = scopes.peek();
        if (scope == null) {
            throw new IllegalArgumentException(
                    "the state \"%s\" must be saved and read inside one stream, found none: put the layers into a layer of type stream"
                            .formatted(name));
        }
        return scope;
    }

    private static NDArray view(NDArray state, NDManager owner) {
        NDArray view = state.reshape(state.getShape());
        view.attach(owner);
        return view;
    }

    /**
     * {@return the states of some of the samples}
     *
     * @param samples indices in the batch, {@code (K)}
     * @param batch the number of all samples
     */
    SavedStates select(NDArray samples, long batch) {
        SavedStates some = new SavedStates();
        Scope outer = scopes.peek();
        if (outer != null) {
            Scope scope = new Scope(null, () -> {});
            some.scopes.push(scope);
            outer.states.forEach(
                    (name, state) -> {
                        // Attention has several groups of heads a sample.
                        Shape shape = state.getShape();
                        long rows = samples.size() * (shape.get(0) / batch);
                        NDArray rowsOfSamples = state.reshape(batch, -1).get(samples);
                        Shape selected = new Shape(rows).addAll(shape.slice(1));
                        scope.states.put(name, rowsOfSamples.reshape(selected));
                    });
        }
        return some;
    }
}
