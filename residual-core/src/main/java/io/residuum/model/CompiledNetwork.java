package io.residuum.model;

import io.residuum.compile.Compiler;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The compiler that a network predicts with, if any. Compiled programs hold the arrays of the
 * parameters. So the compiler is replaced when arrays are, and drops its programs when values
 * change. The network's lock guards all methods except {@link #valuesChanged}.
 */
final class CompiledNetwork implements AutoCloseable {
    private @Nullable Supplier<Compiler> factory;
    private @Nullable Compiler compiler;
    private volatile boolean stale;

    void enable(Supplier<Compiler> newFactory) {
        Compiler next = newFactory.get();
        close();
        factory = newFactory;
        compiler = next;
    }

    /** Returns the compiler; null if there is none, or its programs have outdated values. */
    @Nullable Compiler current() {
        return stale ? null : compiler;
    }

    /** Drops the programs before their next use, because values changed in place. */
    void valuesChanged() {
        stale = true;
    }

    boolean isStale() {
        return stale;
    }

    /** Drops programs with outdated values. */
    void refresh() {
        stale = false;
        if (compiler != null) {
            compiler.invalidate();
        }
    }

    /** Replaces the compiler, because parameters have new arrays. */
    void arraysReplaced() {
        if (factory != null) {
            enable(factory);
        }
    }

    @Override
    public void close() {
        if (compiler != null) {
            compiler.close();
            compiler = null;
        }
    }
}
