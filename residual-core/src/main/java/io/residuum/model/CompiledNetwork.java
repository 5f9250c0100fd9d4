package io.residuum.model;

import io.residuum.compile.Compiler;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The compiler that a network predicts with, if any. Compiled programs hold the arrays of the
 * parameters, so the compiler is replaced when arrays are, and drops its programs when their values
 * change.
 */
final class CompiledNetwork implements AutoCloseable {
    private @Nullable Supplier<Compiler> factory;
    private @Nullable Compiler compiler;
    private boolean stale;

    synchronized void enable(Supplier<Compiler> newFactory) {
        Compiler next = newFactory.get();
        close();
        factory = newFactory;
        compiler = next;
    }

    /** Returns the compiler with programs for the current values; null if there is none. */
    synchronized @Nullable Compiler current() {
        if (stale && compiler != null) {
            compiler.forget();
        }
        stale = false;
        return compiler;
    }

    /** Drops the programs before their next use: values changed in place. */
    synchronized void valuesChanged() {
        stale = true;
    }

    /** Replaces the compiler: parameters have other arrays. */
    synchronized void arraysReplaced() {
        if (factory != null) {
            enable(factory);
        }
    }

    @Override
    public synchronized void close() {
        if (compiler != null) {
            compiler.close();
            compiler = null;
        }
    }
}
