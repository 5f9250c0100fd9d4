package io.residuum.weights;

import io.residuum.json.JsonText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The tensors of several files. */
final class JoinedStateDict implements StateDict {
    private final StateDict first;
    private final List<StateDict> files = new ArrayList<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    private record Tensor(StateDict file, String name) {}

    private JoinedStateDict(StateDict first) {
        this.first = first;
    }

    static StateDict of(StateDict first, Map<String, Path> parts) {
        JoinedStateDict joined = new JoinedStateDict(first);
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
            if (tensors.putIfAbsent(prefix + name, new Tensor(file, name)) != null) {
                throw WeightsException.in(
                        file.file(),
                        "tensors of a model must have different names, but %s is in %s too"
                                .formatted(JsonText.quote(prefix + name), first.file()));
            }
        }
    }

    private Tensor tensor(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw WeightsException.in(
                    first.file(),
                    "the files have no tensor %s among their %d"
                            .formatted(JsonText.quote(name), tensors.size()));
        }
        return tensor;
    }

    @Override
    public Path file() {
        return first.file();
    }

    @Override
    public Set<String> names() {
        return tensors.keySet();
    }

    @Override
    public TensorInfo info(String name) {
        Tensor tensor = tensor(name);
        return tensor.file.info(tensor.name).named(name);
    }

    @Override
    public float[] floats(String name) {
        Tensor tensor = tensor(name);
        return tensor.file.floats(tensor.name);
    }

    @Override
    public float[] floats(String name, long from, int count) {
        Tensor tensor = tensor(name);
        return tensor.file.floats(tensor.name, from, count);
    }

    @Override
    public long[] longs(String name) {
        Tensor tensor = tensor(name);
        return tensor.file.longs(tensor.name);
    }

    @Override
    public Map<String, String> metadata() {
        return first.metadata();
    }

    @Override
    public List<String> ignored() {
        return first.ignored();
    }

    @Override
    public Set<String> removedPrefixes() {
        return first.removedPrefixes();
    }

    @Override
    public void close() {
        files.forEach(StateDict::close);
    }
}
