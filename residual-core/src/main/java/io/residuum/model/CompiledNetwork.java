package io.residuum.model;

import io.residuum.compile.Compiler;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The compiler that a network predicts with, if any. Compiled programs hold the arrays of the
 * parameters. So the compiler is replaced when arrays are, and drops its programs when values
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

    /** Drops the programs before their next use, because values changed in place. */
    synchronized void valuesChanged() {
        stale = true;
    }

    /** Replaces the compiler, because parameters have new arrays. */
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
