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
 * A cache of programs by what they serve. A program is made when it is first asked for; a failure
 * is remembered as well, and its reason noted once.
 *
 * @param <K> what a program serves
 * @param <P> a program
 */
final class ProgramCache<K, P> {
    /** A network that meets more signatures is not worth compiling for each. */
    static final int MOST = 16;

    private final Map<K, Optional<P>> programs = new ConcurrentHashMap<>();
    private final Set<String> noted = ConcurrentHashMap.newKeySet();
    private final Consumer<P> closing;
    private final Consumer<String> notes;

    /**
     * An empty cache.
     *
     * @param closing frees a program
     * @param notes receives one line about why there is no program
     */
    ProgramCache(Consumer<P> closing, Consumer<String> notes) {
        this.closing = closing;
        this.notes = notes;
    }

    /** Returns true if {@link #get} would not try to make a program for the key. */
    boolean isDecided(K key) {
        return programs.size() >= MOST || programs.containsKey(key);
    }

    /** Returns true if there is a program for the key, or room for one. */
    boolean hasRoom(K key) {
        return programs.size() < MOST || programs.containsKey(key);
    }

    /**
     * Returns the program for a key.
     *
     * @param maker makes it; the exceptions of this package, of capturing and of engines say why
     *     there is none
     */
    Optional<P> get(K key, Supplier<P> maker) {
        if (!hasRoom(key)) {
            note(
                    "inputs of more than "
                            + MOST
                            + " shapes; pad them to a few lengths, or compile nothing");
            return Optional.empty();
        }
        return programs.computeIfAbsent(key, k -> attempt(maker));
    }

    private Optional<P> attempt(Supplier<P> maker) {
        try {
            return Optional.of(maker.get());
        } catch (CaptureException | NotCompiledException e) {
            note(String.valueOf(e.getMessage()));
        } catch (EngineException e) {
            // Engines go on for pages.
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

    /** Closes and removes all programs. */
    void clear() {
        programs.values().forEach(program -> program.ifPresent(closing));
        programs.clear();
    }
}
