package io.residuum.compile;

import ai.djl.engine.EngineException;
import io.residuum.graph.trace.CaptureException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A cache of programs by what they serve. A program is compiled at its first use. A failure is
 * kept, too, and its reason is reported once.
 *
 * @param <K> the key: what a program serves
 * @param <P> a program
 */
final class ProgramCache<K, P> {
    /**
     * The largest number of programs. A network with more input shapes is not worth compiling for
     * each.
     */
    static final int MAX_PROGRAMS = 16;

    private final Map<K, Optional<P>> programs = new ConcurrentHashMap<>();
    private final Set<String> noted = ConcurrentHashMap.newKeySet();
    private final Consumer<P> closing;
    private final Consumer<String> notes;

    ProgramCache(Consumer<P> closing, Consumer<String> notes) {
        this.closing = closing;
        this.notes = notes;
    }

    /** Returns true if {@link #get} would not compile a program for the key. */
    boolean isDecided(K key) {
        return programs.size() >= MAX_PROGRAMS || programs.containsKey(key);
    }

    /** Returns true if there is a program for the key, or room for one. */
    boolean hasRoom(K key) {
        return programs.size() < MAX_PROGRAMS || programs.containsKey(key);
    }

    /**
     * Returns the program for a key, compiling it if necessary.
     *
     * @param factory compiles it; the exceptions of this package, of capturing and of engines give
     *     the reason of a failure
     */
    Optional<P> get(K key, Supplier<P> factory) {
        if (!hasRoom(key)) {
            note(
                    "inputs of more than "
                            + MAX_PROGRAMS
                            + " shapes; pad them to a few lengths, or compile nothing");
            return Optional.empty();
        }
        return programs.computeIfAbsent(key, k -> attempt(factory));
    }

    private Optional<P> attempt(Supplier<P> factory) {
        try {
            return Optional.of(factory.get());
        } catch (CaptureException | NotCompiledException e) {
            note(String.valueOf(e.getMessage()));
        } catch (EngineException e) {
            // Engine messages fill pages.
            String line = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            note("the engine refuses the program: " + line);
        }
        return Optional.empty();
    }

    private void note(String reason) {
        if (noted.add(reason)) {
            notes.accept("not compiled: " + reason);
        }
    }

    void clear() {
        programs.values().forEach(program -> program.ifPresent(closing));
        programs.clear();
    }
}
