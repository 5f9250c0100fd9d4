package io.residuum.weights;

import io.residuum.json.JsonText;
import io.residuum.weights.quantized.QuantizedFormat;
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

/**
 * A view of the tensors of one or several state dicts, under other names.
 *
 * @param first the state dict with the metadata
 * @param files all state dicts, which closing closes
 * @param tensors the tensors by their names in the view
 * @param ignored the names of tensors that are left out
 * @param removedPrefixes the prefixes that the names in the view lack
 */
record StateDictView(
        StateDict first,
        List<StateDict> files,
        Map<String, Source> tensors,
        List<String> ignored,
        Set<String> removedPrefixes)
        implements StateDict {

    /** A tensor and its name in its state dict. */
    record Source(StateDict file, String name) {}

    /** {@return the tensors of a state dict and of files, whose names get prefixes} */
    static StateDict joined(StateDict first, Map<String, Path> parts) {
        StateDictView joined =
                new StateDictView(
                        first,
                        new ArrayList<>(),
                        new LinkedHashMap<>(),
                        first.ignored(),
                        first.removedPrefixes());
        try {
            joined.add("", first);
            parts.forEach((prefix, file) -> joined.add(prefix, StateDict.open(file)));
            return joined;
        } catch (RuntimeException e) {
            joined.close();
            throw e;
        }
    }

    private void add(String prefix, StateDict file) {
        files.add(file);
        for (String name : file.names()) {
            if (tensors.putIfAbsent(prefix + name, new Source(file, name)) != null) {
                throw WeightsException.in(
                        file.file(),
                        "tensors of a model must have different names, but %s is in %s too"
                                .formatted(JsonText.quote(prefix + name), first.file()));
            }
        }
    }

    /**
     * {@return a view of a state dict}
     *
     * @param renamed returns the new name of a tensor; empty to leave the tensor out
     * @param removed the prefixes that the new names lack
     * @throws WeightsException if two tensors get the same name
     */
    static StateDict renamed(
            StateDict file, Function<String, Optional<String>> renamed, Set<String> removed) {
        Map<String, Source> tensors = new LinkedHashMap<>();
        List<String> ignored = new ArrayList<>(file.ignored());
        for (String name : file.names()) {
            Optional<String> other = renamed.apply(name);
            if (other.isEmpty()) {
                ignored.add(name);
                continue;
            }
            Source twin = tensors.put(other.get(), new Source(file, name));
            if (twin != null) {
                throw WeightsException.in(
                        file.file(),
                        "without %s, tensors must have different names, but %s and %s would be equal"
                                .formatted(
                                        String.join(", ", removed),
                                        JsonText.quote(twin.name),
                                        JsonText.quote(name)));
            }
        }
        Set<String> all = new LinkedHashSet<>(file.removedPrefixes());
        all.addAll(removed);
        return new StateDictView(
                file,
                List.of(file),
                tensors,
                List.copyOf(ignored),
                Collections.unmodifiableSet(all));
    }

    /**
     * {@return a view in which names do not begin with a prefix}
     *
     * @param others true if the view has the tensors whose names do not begin with it
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
        return renamed(
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

    private Source source(String name) {
        Source source = tensors.get(name);
        if (source == null) {
            throw WeightsException.in(
                    first.file(),
                    "the file has no tensor %s among its %d"
                            .formatted(JsonText.quote(name), tensors.size()));
        }
        return source;
    }

    @Override
    public Path file() {
        return first.file();
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(tensors.keySet());
    }

    @Override
    public TensorInfo info(String name) {
        Source source = source(name);
        return source.file.info(source.name).named(name);
    }

    @Override
    public Optional<QuantizedFormat> format(String name) {
        Source source = source(name);
        return source.file.format(source.name);
    }

    @Override
    public float[] floats(String name) {
        Source source = source(name);
        return source.file.floats(source.name);
    }

    @Override
    public float[] floats(String name, long from, int count) {
        Source source = source(name);
        return source.file.floats(source.name, from, count);
    }

    @Override
    public long[] longs(String name) {
        Source source = source(name);
        return source.file.longs(source.name);
    }

    @Override
    public Map<String, String> metadata() {
        return first.metadata();
    }

    @Override
    public void close() {
        files.forEach(StateDict::close);
    }
}
