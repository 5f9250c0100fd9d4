package io.residuum.weights;

import io.residuum.json.JsonText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** A state dict whose tensors have other names than in the file. */
final class RenamedStateDict implements StateDict {
    private final StateDict file;
    private final Map<String, String> originals;
    private final List<String> ignored;
    private final Set<String> removed;

    private RenamedStateDict(
            StateDict file,
            Map<String, String> originals,
            List<String> ignored,
            Set<String> removed) {
        this.file = file;
        this.originals = originals;
        this.ignored = ignored;
        this.removed = removed;
    }

    /**
     * {@return a view of a state dict}
     *
     * @param renamed returns the new name of a tensor; empty to leave the tensor out
     * @param removed the prefixes that the new names lack
     * @throws WeightsException if two tensors get the same name
     */
    static StateDict of(
            StateDict file, Function<String, Optional<String>> renamed, Set<String> removed) {
        Map<String, String> originals = new LinkedHashMap<>();
        List<String> ignored = new ArrayList<>(file.ignored());
        for (String name : file.names()) {
            Optional<String> other = renamed.apply(name);
            if (other.isEmpty()) {
                ignored.add(name);
                continue;
            }
            String twin = originals.put(other.get(), name);
            if (twin != null) {
                throw WeightsException.in(
                        file.file(),
                        "without %s, tensors must have different names, but %s and %s would be equal"
                                .formatted(
                                        String.join(", ", removed),
                                        JsonText.quote(twin),
                                        JsonText.quote(name)));
            }
        }
        List<String> all = new ArrayList<>(file.removedPrefixes());
        all.addAll(removed);
        return new RenamedStateDict(
                file,
                Collections.unmodifiableMap(originals),
                List.copyOf(ignored),
                Collections.unmodifiableSet(new LinkedHashSet<>(all)));
    }

    /**
     * {@return a view in which names do not begin with a prefix}
     *
     * @param others whether the view has the tensors whose names do not begin with it
     * @throws WeightsException if no name begins with it, or two names would become equal
     */
    static StateDict withoutPrefix(StateDict file, String prefix, boolean others) {
        if (prefix.isEmpty() || file.names().stream().noneMatch(n -> begins(n, prefix))) {
            throw WeightsException.in(
                    file.file(),
                    "a tensor's name must begin with the prefix %s, found none; the first is %s"
                            .formatted(
                                    JsonText.quote(prefix),
                                    file.names().stream()
                                            .findFirst()
                                            .map(JsonText::quote)
                                            .orElse("missing")));
        }
        return of(
                file,
                name ->
                        begins(name, prefix)
                                ? Optional.of(name.substring(prefix.length()))
                                : others ? Optional.of(name) : Optional.empty(),
                Set.of(prefix));
    }

    // A name equal to the prefix would become empty.
    private static boolean begins(String name, String prefix) {
        return name.startsWith(prefix) && name.length() > prefix.length();
    }

    private String original(String name) {
        String original = originals.get(name);
        if (original == null) {
            throw WeightsException.in(
                    file.file(),
                    "the file has no tensor %s among its %d"
                            .formatted(JsonText.quote(name), originals.size()));
        }
        return original;
    }

    @Override
    public Path file() {
        return file.file();
    }

    @Override
    public Set<String> names() {
        return originals.keySet();
    }

    @Override
    public TensorInfo info(String name) {
        return file.info(original(name)).named(name);
    }

    @Override
    public float[] floats(String name) {
        return file.floats(original(name));
    }

    @Override
    public float[] floats(String name, long first, int count) {
        return file.floats(original(name), first, count);
    }

    @Override
    public long[] longs(String name) {
        return file.longs(original(name));
    }

    @Override
    public Map<String, String> metadata() {
        return file.metadata();
    }

    @Override
    public List<String> ignored() {
        return ignored;
    }

    @Override
    public Set<String> removedPrefixes() {
        return removed;
    }

    @Override
    public void close() {
        file.close();
    }
}
