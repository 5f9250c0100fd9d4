package io.residuum.weights;

import io.residuum.json.JsonException;
import io.residuum.json.JsonReader;
import io.residuum.weights.quantized.QuantizedFormat;
import io.residuum.weights.quantized.QuantizedTensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A view of a saved quantized model in which its weights are floats: integers {@code NAME}, of type
 * I8 or two in a U8, times scales {@code NAME.scale}.
 */
public final class QuantizedStateDict implements StateDict {
    /** The metadata key of a quantized model. */
    public static final String KEY = "residuum.quantization";

    /** The end of the names of scales. */
    public static final String SCALE = ".scale";

    private final StateDict stored;
    private final Set<String> names;
    private final Map<String, TensorInfo> weights = new LinkedHashMap<>();
    private final int group;

    private QuantizedStateDict(StateDict stored) {
        this.stored = stored;
        this.group = group(stored);
        this.names = new LinkedHashSet<>(stored.names());
        for (String name : stored.names()) {
            TensorInfo info = stored.info(name);
            boolean integers = info.type() == TensorType.I8 || info.type() == TensorType.U8;
            if (integers && names.remove(name + SCALE)) {
                weights.put(name, weight(info, stored.info(name + SCALE).elements()));
            }
        }
    }

    /**
     * {@return the tensors with weights as floats; the same object unless a quantized model}
     *
     * @param stored the tensors of a file, which the view closes
     * @throws WeightsException if scales do not fit their weight
     */
    public static StateDict of(StateDict stored) {
        return stored.metadata().containsKey(KEY) ? new QuantizedStateDict(stored) : stored;
    }

    private static int group(StateDict stored) {
        String text = Objects.requireNonNull(stored.metadata().get(KEY));
        try {
            return JsonReader.parse(text, KEY).get("group").integer(0);
        } catch (JsonException e) {
            throw new WeightsException(
                    "the metadata key \"%s\": %s".formatted(KEY, e.getMessage()), e);
        }
    }

    private TensorInfo weight(TensorInfo integers, long scales) {
        List<Long> shape = new ArrayList<>(integers.shape());
        if (integers.type() == TensorType.U8 && !shape.isEmpty()) {
            shape.set(shape.size() - 1, 2 * shape.get(shape.size() - 1));
        }
        TensorInfo weight = TensorInfo.of(integers.name(), TensorType.F32, shape);
        long rows = shape.isEmpty() ? 0 : shape.get(0);
        QuantizedFormat format = new QuantizedFormat(8, Math.max(0, group));
        long each = rows == 0 ? 0 : format.scales(weight.elements() / rows);
        if (each == 0 || scales != rows * each) {
            throw WeightsException.tensor(
                    integers.name(),
                    "each of its %d outputs must have %d scales, found %d for shape %s"
                            .formatted(rows, each, scales, shape));
        }
        return weight;
    }

    @Override
    public TensorInfo info(String name) {
        TensorInfo weight = weights.get(name);
        return weight == null ? stored.info(name) : weight;
    }

    @Override
    public float[] floats(String name) {
        TensorInfo weight = weights.get(name);
        if (weight == null) {
            return stored.floats(name);
        }
        long[] read = stored.longs(name);
        byte[] integers =
                stored.info(name).type() == TensorType.U8
                        ? QuantizedTensor.unpacked(read)
                        : QuantizedTensor.bytes(read);
        int columns = Math.toIntExact(weight.elements() / weight.shape().get(0));
        int width = group > 0 ? group : columns;
        return new QuantizedTensor(integers, stored.floats(name + SCALE), columns, width).floats();
    }

    @Override
    public float[] floats(String name, long first, int count) {
        if (!weights.containsKey(name)) {
            return stored.floats(name, first, count);
        }
        float[] all = floats(name);
        int from = Objects.checkFromIndexSize(Math.toIntExact(first), count, all.length);
        return Arrays.copyOfRange(all, from, from + count);
    }

    @Override
    public long[] longs(String name) {
        return stored.longs(name);
    }

    @Override
    public Path file() {
        return stored.file();
    }

    @Override
    public Set<String> names() {
        return names;
    }

    @Override
    public Map<String, String> metadata() {
        return stored.metadata();
    }

    @Override
    public List<String> ignored() {
        return stored.ignored();
    }

    @Override
    public Set<String> removedPrefixes() {
        return stored.removedPrefixes();
    }

    @Override
    public void close() {
        stored.close();
    }
}
