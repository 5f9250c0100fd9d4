package io.residuum.weights;

import io.residuum.json.JsonText;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A state dict of memory-mapped files. */
final class MappedStateDict implements StateDict {
    // The JVM refuses arrays of exactly Integer.MAX_VALUE elements.
    private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

    private final Path file;
    private final Map<String, String> metadata;
    private final Map<String, TensorInfo> infos;
    private final List<String> ignored;
    private volatile @Nullable Map<String, TensorView> open;

    MappedStateDict(
            Path file,
            Map<String, String> metadata,
            Collection<TensorView> tensors,
            List<String> ignored) {
        Map<String, TensorInfo> infos = new LinkedHashMap<>();
        Map<String, TensorView> views = new LinkedHashMap<>();
        for (TensorView view : tensors) {
            infos.put(view.info().name(), view.info());
            views.put(view.info().name(), view);
        }
        this.file = file;
        this.metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
        this.infos = Collections.unmodifiableMap(infos);
        this.ignored = List.copyOf(ignored);
        this.open = views;
    }

    @Override
    public Path file() {
        return file;
    }

    @Override
    public Set<String> names() {
        return infos.keySet();
    }

    @Override
    public TensorInfo info(String name) {
        TensorInfo info = infos.get(name);
        if (info == null) {
            throw WeightsException.in(
                    file,
                    "the file has no tensor %s among its %d"
                            .formatted(JsonText.quote(name), infos.size()));
        }
        return info;
    }

    @Override
    public float[] floats(String name) {
        return floats(name, 0, arrayLength(file, info(name)));
    }

    @Override
    public float[] floats(String name, long first, int count) {
        TensorInfo info = info(name);
        if (info.type().kind() == TensorType.Kind.OPAQUE) {
            throw unreadable(info, "values");
        }
        Objects.checkFromIndexSize(first, count, info.elements());
        TensorView view = view(name);
        float[] values = new float[count];
        view.read(first, count, (in, at) -> ElementCodec.toFloats(info.type(), in, values, at));
        return values;
    }

    @Override
    public long[] longs(String name) {
        TensorInfo info = info(name);
        if (info.type().kind() != TensorType.Kind.INTEGER) {
            throw unreadable(info, "integers");
        }
        TensorView view = view(name);
        long[] values = new long[arrayLength(file, info)];
        view.read(0, values.length, (in, at) -> ElementCodec.toLongs(info.type(), in, values, at));
        return values;
    }

    /** {@return bytes of a contiguous tensor, as {@link Safetensors#bytes(String, long, int)}} */
    ByteBuffer bytes(String name, long offset, int length) {
        TensorInfo info = info(name);
        Objects.checkFromIndexSize(offset, length, info.bytes());
        Objects.checkFromIndexSize(0, length, MappedFile.MAX_SLICE);
        return view(name).slice(offset, length);
    }

    @Override
    public Map<String, String> metadata() {
        return metadata;
    }

    @Override
    public List<String> ignored() {
        return ignored;
    }

    @Override
    public void close() {
        open = null;
    }

    Collection<TensorView> views() {
        return tensors().values();
    }

    private TensorView view(String name) {
        return Objects.requireNonNull(tensors().get(name));
    }

    private Map<String, TensorView> tensors() {
        Map<String, TensorView> tensors = open;
        if (tensors == null) {
            throw new IllegalStateException(file + " is closed");
        }
        return tensors;
    }

    /** {@return the number of elements of a tensor, which an array must hold} */
    static int arrayLength(Path file, TensorInfo info) {
        if (info.elements() > MAX_ARRAY) {
            throw WeightsException.in(
                    file,
                    "tensor %s: an array holds at most %d elements, found %d; read it in parts"
                            .formatted(JsonText.quote(info.name()), MAX_ARRAY, info.elements()));
        }
        return (int) info.elements();
    }

    private WeightsException unreadable(TensorInfo info, String as) {
        return WeightsException.in(
                file,
                "tensor %s: type %s cannot be read as %s; convert the file first"
                        .formatted(JsonText.quote(info.name()), info.type(), as));
    }
}
