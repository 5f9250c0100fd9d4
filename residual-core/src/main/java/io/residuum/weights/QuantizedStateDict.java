package io.residuum.weights;

import io.residuum.weights.quantized.QuantizedTensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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
    private final Set<String> names = new LinkedHashSet<>();

    private QuantizedStateDict(StateDict stored) {
        this.stored = stored;
        names.addAll(stored.names());
        names.removeIf(
                name ->
                        name.endsWith(SCALE)
                                && isQuantized(name.substring(0, name.length() - SCALE.length())));
        names.stream().filter(this::isQuantized).forEach(this::check);
    }

    /**
     * {@return the tensors with weights as floats; the same object unless a quantized model}
     *
     * @param stored the tensors of a file, which the view closes
     */
    public static StateDict of(StateDict stored) {
        return stored.metadata().containsKey(KEY) ? new QuantizedStateDict(stored) : stored;
    }

    private boolean isQuantized(String name) {
        if (!stored.names().contains(name) || !stored.names().contains(name + SCALE)) {
            return false;
        }
        TensorType type = stored.info(name).type();
        return type == TensorType.I8 || type == TensorType.U8;
    }

    private void check(String name) {
        TensorInfo weight = info(name);
        long scales = stored.info(name + SCALE).elements();
        boolean whole =
                scales > 0
                        && scales % weight.shape().get(0) == 0
                        && weight.elements() % scales == 0;
        if (!whole) {
            throw WeightsException.in(
                    file(),
                    "%s must have as many scales for each of its %d outputs, found %d for shape %s"
                            .formatted(name, weight.shape().get(0), scales, weight.shape()));
        }
    }

    @Override
    public TensorInfo info(String name) {
        TensorInfo info = stored.info(name);
        if (!isQuantized(name)) {
            return info;
        }
        if (info.shape().isEmpty()) {
            throw WeightsException.in(file(), name + " must have outputs, found a scalar");
        }
        if (info.type() == TensorType.I8) {
            return TensorInfo.of(name, TensorType.F32, info.shape());
        }
        long[] shape = info.dimensions();
        shape[shape.length - 1] *= 2;
        return TensorInfo.of(name, TensorType.F32, Arrays.stream(shape).boxed().toList());
    }

    @Override
    public float[] floats(String name) {
        if (!isQuantized(name)) {
            return stored.floats(name);
        }
        long[] read = stored.longs(name);
        byte[] integers = new byte[read.length];
        for (int i = 0; i < read.length; i++) {
            integers[i] = (byte) read[i];
        }
        boolean four = stored.info(name).type() == TensorType.U8;
        return new QuantizedTensor(
                        Math.toIntExact(info(name).shape().get(0)),
                        four ? QuantizedTensor.unpacked(read) : integers,
                        stored.floats(name + SCALE))
                .floats();
    }

    @Override
    public float[] floats(String name, long first, int count) {
        if (!isQuantized(name)) {
            return stored.floats(name, first, count);
        }
        float[] all = floats(name);
        int from = Math.toIntExact(first);
        if (from < 0 || count < 0 || count > all.length - from) {
            throw new IndexOutOfBoundsException(
                    "%s has %d elements, got %d from %d".formatted(name, all.length, count, first));
        }
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
